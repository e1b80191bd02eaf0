"""How good tags are: precision, recall, F1, average precision, Brier score."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1, in [0, 1].

    Each is 0 where its denominator is 0: no tag means a precision of 0.
    """

    precision: float
    recall: float
    f1: float


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
    average_precision, brier : float or None
        None where the model has not learned the issue; the first also where no
        paragraph is labelled with it.
    """

    support: int
    n_articles: int
    n_tagged: int
    precision: float
    recall: float
    f1: float
    average_precision: float | None
    brier: float | None


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
    """

    n_paragraphs: int
    n_articles: int
    micro: Scores
    macro: Scores
    n_measured: int
    n_none: int
    none_tagged: float
    issues: dict[str, IssueFigures]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures ready for JSON, rounded to 6 decimals."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Figures:
        """Return the figures that `to_dict` wrote."""
        issues = {slug: IssueFigures(**row) for slug, row in data["issues"].items()}
        scores = {key: Scores(**data[key]) for key in ("micro", "macro")}
        return cls(**{**data, **scores, "issues": issues})


def measure(
    labelled: NDArray[np.bool_],
    tagged: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    articles: Sequence[str],
    issues: Sequence[str],
) -> Figures:
    """Measure tags against labels.

    Parameters
    ----------
    labelled, tagged : ndarray of shape (n_paragraphs, n_issues)
        What people say and what the machine says.
    probabilities : ndarray of shape (n_paragraphs, n_issues)
        In [0, 1]; NaN in the columns of issues that are not learned.
    articles : sequence of str, of length n_paragraphs
        The article of each paragraph.
    issues : sequence of str, of length n_issues
        The slugs.
    """
    names = np.array(articles)
    rows = {
        slug: _measure_issue(labelled[:, i], tagged[:, i], probabilities[:, i], names)
        for i, slug in enumerate(issues)
    }
    measured = [row for row in rows.values() if row.support]
    is_none = ~labelled.any(axis=1)
    return Figures(
        n_paragraphs=len(labelled),
        n_articles=len(set(articles)),
        micro=_scores(labelled, tagged),
        macro=Scores(
            *(
                float(np.mean([getattr(row, name) for row in measured] or [0.0]))
                for name in ("precision", "recall", "f1")
            )
        ),
        n_measured=len(measured),
        n_none=int(is_none.sum()),
        none_tagged=_ratio(int(tagged[is_none].any(axis=1).sum()), int(is_none.sum())),
        issues=rows,
    )


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


def _measure_issue(
    labelled: NDArray[np.bool_],
    tagged: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    articles: NDArray[np.str_],
) -> IssueFigures:
    """Measure one issue."""
    scores = _scores(labelled, tagged)
    is_learned = not np.isnan(probabilities).any()
    ranked = is_learned and labelled.any()
    return IssueFigures(
        support=int(labelled.sum()),
        n_articles=len(np.unique(articles[labelled])),
        n_tagged=int(tagged.sum()),
        precision=scores.precision,
        recall=scores.recall,
        f1=scores.f1,
        average_precision=average_precision(labelled, probabilities)
        if ranked
        else None,
        brier=float(np.mean((probabilities - labelled) ** 2)) if is_learned else None,
    )


def _scores(labelled: NDArray[np.bool_], tagged: NDArray[np.bool_]) -> Scores:
    """Return precision, recall and F1 over all entries."""
    n_true = int((labelled & tagged).sum())
    n_labelled, n_tagged = int(labelled.sum()), int(tagged.sum())
    return Scores(
        _ratio(n_true, n_tagged),
        _ratio(n_true, n_labelled),
        _ratio(2 * n_true, n_labelled + n_tagged),
    )


def _ratio(part: int, whole: int) -> float:
    """Return a ratio, 0 where the whole is 0."""
    return part / whole if whole else 0.0


def _rounded(value: Any) -> Any:  # noqa: ANN401 - walks nested JSON data
    """Round every float of nested data."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 6) if isinstance(value, float) else value
