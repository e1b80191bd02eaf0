"""How good tags are: precision, recall, F1, average precision, Brier score."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.evaluation.bootstrap import (
    ArticleCounts,
    divide,
    draw_articles,
    interval,
    row_means,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from classifier.evaluation.predictions import Predictions

# The 95 % interval of a figure, by its name; None where too few articles bear it.
Intervals = dict[str, "tuple[float, float] | None"]

# Articles with an issue from which its figures say something.
MIN_ARTICLES = 5
_N_BINS = 10
# Resamples for figures of rankings, whose cost grows with the paragraphs.
_N_RANKED = 200


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1, in [0, 1].

    Each is 0 where its denominator is 0: no tag means a precision of 0. `intervals` has
    95 % intervals by the names of the figures.
    """

    precision: float
    recall: float
    f1: float
    intervals: Intervals = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssueFigures:
    """The figures of one issue.

    Attributes
    ----------
    support, n_articles : int
        Paragraphs labelled with the issue, and the articles they stand in.
    n_tagged : int
        Paragraphs tagged with it.
    precision, recall, f1 : float
        See `Scores`.
    average_precision, brier, calibration_error : float or None
        None where the model has not learned the issue; the first also where no
        paragraph is labelled with it.
    intervals : dict of str to (float, float) or None
        95 % intervals by the names of the figures.
    """

    support: int
    n_articles: int
    n_tagged: int
    precision: float
    recall: float
    f1: float
    average_precision: float | None
    brier: float | None
    calibration_error: float | None = None
    intervals: Intervals = field(default_factory=dict)

    @property
    def is_measurable(self) -> bool:
        """Whether articles enough bear the figures."""
        return self.n_articles >= MIN_ARTICLES


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set of tagged and labelled paragraphs.

    Attributes
    ----------
    n_paragraphs, n_articles : int
        What was measured on.
    micro : Scores
        Over all pairs of paragraph and issue.
    macro : Scores
        The mean over the issues that have labels here.
    n_measured : int
        The number of those issues.
    n_none : int
        Paragraphs labelled with no issue.
    none_tagged : float
        The share of those that got a tag all the same; 0 where there are none.
    issues : dict of str to IssueFigures
        In codebook order.
    average_precision : float or None
        The mean over the issues that have one.
    brier, calibration_error : float or None
        Over all pairs of paragraph and learned issue.
    intervals : dict of str to (float, float) or None
        95 % intervals of `none_tagged` and `average_precision`.
    together : dict of str to dict of str to int
        For each issue the paragraphs labelled with it and with another.
    confused : dict of str to dict of str to int
        For each issue that was labelled and missed the paragraphs that got another,
        wrong one instead.
    """

    n_paragraphs: int
    n_articles: int
    micro: Scores
    macro: Scores
    n_measured: int
    n_none: int
    none_tagged: float
    issues: dict[str, IssueFigures]
    average_precision: float | None = None
    brier: float | None = None
    calibration_error: float | None = None
    intervals: Intervals = field(default_factory=dict)
    together: dict[str, dict[str, int]] = field(default_factory=dict)
    confused: dict[str, dict[str, int]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures ready for JSON, rounded to 6 decimals."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Figures:
        """Return the figures that `to_dict` wrote, of this or an earlier format."""
        data = {**data, "intervals": _as_intervals(data)}
        issues = {
            slug: IssueFigures(**{**row, "intervals": _as_intervals(row)})
            for slug, row in data["issues"].items()
        }
        scores = {
            key: Scores(**{**data[key], "intervals": _as_intervals(data[key])})
            for key in ("micro", "macro")
        }
        return cls(**{**data, **scores, "issues": issues})


def measure(predictions: Predictions, *, seed: int = 0) -> Figures:
    """Measure tags against labels.

    Intervals are by resampling articles, see `bootstrap`; `seed` decides which.
    """
    labelled, tagged = predictions.labelled, predictions.tagged
    articles = np.array(predictions.articles)
    counts = ArticleCounts.of(labelled, tagged, articles)
    resampled = counts.resampled(seed=seed)
    by_issue = {
        "precision": resampled.precision(),
        "recall": resampled.recall(),
        "f1": resampled.f1(),
    }
    ranked = _resampled_ranking(predictions, articles, seed)
    rows = {
        slug: _measure_issue(
            predictions,
            i,
            int(np.count_nonzero(counts.labelled[:, i])),
            {
                **{name: interval(values[:, i]) for name, values in by_issue.items()},
                **{name: interval(values[:, i]) for name, values in ranked.items()},
            },
        )
        for i, slug in enumerate(predictions.issues)
    }
    measured = [row for row in rows.values() if row.support]
    precisions = [
        row.average_precision for row in measured if row.average_precision is not None
    ]
    is_none = ~labelled.any(axis=1)
    learned = predictions.learned
    probabilities = predictions.probabilities[:, learned]
    return Figures(
        n_paragraphs=len(labelled),
        n_articles=len(set(predictions.articles)),
        micro=_scores(
            labelled,
            tagged,
            {
                "precision": interval(resampled.micro_precision()),
                "recall": interval(resampled.micro_recall()),
                "f1": interval(resampled.micro_f1()),
            },
        ),
        macro=Scores(
            precision=_mean([row.precision for row in measured]),
            recall=_mean([row.recall for row in measured]),
            f1=_mean([row.f1 for row in measured]),
            intervals={
                name: interval(row_means(values)) for name, values in by_issue.items()
            },
        ),
        n_measured=len(measured),
        n_none=int(is_none.sum()),
        none_tagged=_ratio(int(tagged[is_none].any(axis=1).sum()), int(is_none.sum())),
        issues=rows,
        average_precision=_mean(precisions) if precisions else None,
        brier=float(np.mean((probabilities - labelled[:, learned]) ** 2))
        if learned.any()
        else None,
        calibration_error=calibration_error(labelled[:, learned], probabilities)
        if learned.any()
        else None,
        intervals={
            "none_tagged": interval(counts.resampled_none(seed=seed)),
            "average_precision": interval(row_means(ranked["average_precision"])),
        },
        together=_pairs(predictions.issues, labelled, labelled),
        confused=_pairs(predictions.issues, labelled & ~tagged, tagged & ~labelled),
    )


def f1_score(labelled: NDArray[np.bool_], tagged: NDArray[np.bool_]) -> float:
    """Return F1 over all entries."""
    return _scores(labelled, tagged, {}).f1


def average_precision(
    labelled: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> float:
    """Return the mean of the precision over the ranks at which recall rises.

    Paragraphs of equal probability share a rank, as in scikit-learn's
    ``average_precision_score``.
    """
    order = np.argsort(-probabilities, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(probabilities[order])), len(order) - 1)
    true = np.cumsum(labelled[order])[ends]
    precision = true / (ends + 1)
    return float(np.sum(np.diff(true, prepend=0) * precision) / true[-1])


def reliability(
    labelled: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Compare probabilities to frequencies in 10 bins of equal count.

    Returns
    -------
    means, shares : ndarray of shape (n_bins,)
        The mean probability of each bin, and the share of it that is labelled.
    sizes : ndarray of shape (n_bins,)
        How many probabilities it holds; there are fewer bins than 10 for fewer values.
    """
    flat, truth = probabilities.ravel(), labelled.ravel()
    order = np.argsort(flat, kind="stable")
    bins = [b for b in np.array_split(order, _N_BINS) if len(b)]
    means = np.array([flat[b].mean() for b in bins])
    shares = np.array([truth[b].mean() for b in bins])
    return means, shares, np.array([len(b) for b in bins], dtype=np.intp)


def calibration_error(
    labelled: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> float:
    """Return the expected calibration error over 10 bins of equal count.

    The mean of |probability - frequency| over the bins of `reliability`, by their size
    (Naeini, Cooper and Hauskrecht, 2015; bins of equal count as by Nixon et al., 2019).
    """
    means, shares, sizes = reliability(labelled, probabilities)
    return float(np.average(np.abs(means - shares), weights=sizes))


def _measure_issue(
    predictions: Predictions, column: int, n_articles: int, intervals: Intervals
) -> IssueFigures:
    """Measure one issue."""
    labelled = predictions.labelled[:, column]
    tagged = predictions.tagged[:, column]
    probabilities = predictions.probabilities[:, column]
    scores = _scores(labelled, tagged, {})
    is_learned = not np.isnan(probabilities).any()
    ranked = is_learned and labelled.any()
    return IssueFigures(
        support=int(labelled.sum()),
        n_articles=n_articles,
        n_tagged=int(tagged.sum()),
        precision=scores.precision,
        recall=scores.recall,
        f1=scores.f1,
        average_precision=average_precision(labelled, probabilities)
        if ranked
        else None,
        brier=float(np.mean((probabilities - labelled) ** 2)) if is_learned else None,
        calibration_error=calibration_error(labelled, probabilities)
        if is_learned
        else None,
        intervals=intervals,
    )


def _resampled_ranking(
    predictions: Predictions, articles: NDArray[np.str_], seed: int
) -> dict[str, NDArray[np.float64]]:
    """Return average precision and Brier score of resampled articles, by issue."""
    names, owners = np.unique(articles, return_inverse=True)
    # A paragraph counts as often as its article was drawn.
    drawn = draw_articles(len(names), seed=seed, n=_N_RANKED)[:, owners]
    shape = (len(drawn), len(predictions.issues))
    found = {name: np.full(shape, np.nan) for name in ("average_precision", "brier")}
    for i in np.flatnonzero(predictions.learned):
        truth, p = predictions.labelled[:, i], predictions.probabilities[:, i]
        order = np.argsort(-p, kind="stable")
        weights = drawn[:, order].astype(np.float64)
        true = np.cumsum(weights * truth[order], axis=1)
        precision = true / np.maximum(np.cumsum(weights, axis=1), 1)
        ends = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
        gains = np.diff(true[:, ends], prepend=0, axis=1)
        found["average_precision"][:, i] = divide(
            (gains * precision[:, ends]).sum(axis=1), true[:, -1]
        )
        losses = drawn @ (p - truth) ** 2
        found["brier"][:, i] = divide(losses, drawn.sum(axis=1))
    return found


def _pairs(
    issues: tuple[str, ...], rows: NDArray[np.bool_], columns: NDArray[np.bool_]
) -> dict[str, dict[str, int]]:
    """Count the paragraphs of each pair of different issues, those above 0."""
    counts = rows.astype(np.intp).T @ columns.astype(np.intp)
    return {
        slug: {
            other: int(counts[i, j])
            for j, other in enumerate(issues)
            if i != j and counts[i, j]
        }
        for i, slug in enumerate(issues)
    }


def _scores(
    labelled: NDArray[np.bool_], tagged: NDArray[np.bool_], intervals: Intervals
) -> Scores:
    """Return precision, recall and F1 over all entries."""
    n_true = int((labelled & tagged).sum())
    n_labelled, n_tagged = int(labelled.sum()), int(tagged.sum())
    return Scores(
        _ratio(n_true, n_tagged),
        _ratio(n_true, n_labelled),
        _ratio(2 * n_true, n_labelled + n_tagged),
        intervals,
    )


def _mean(values: list[float]) -> float:
    """Return the mean, 0 where there is nothing."""
    return float(np.mean(values)) if values else 0.0


def _ratio(part: int, whole: int) -> float:
    """Return a ratio, 0 where the whole is 0."""
    return part / whole if whole else 0.0


def _as_intervals(data: Mapping[str, Any]) -> Intervals:
    """Return the intervals of JSON data, whose pairs are lists."""
    return {
        name: (pair[0], pair[1]) if pair else None
        for name, pair in data.get("intervals", {}).items()
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401 - walks nested JSON data
    """Round every float of nested data."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_rounded(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value
