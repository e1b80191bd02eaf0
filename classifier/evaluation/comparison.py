"""Two models on the same paragraphs: which is better, beyond noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifier.errors import EvaluationError
from classifier.evaluation.bootstrap import ArticleCounts, interval
from classifier.evaluation.metrics import Figures, f1_score, measure
from classifier.evaluation.predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second model's F1 is above the first one's, with its 95 % interval."""

    value: float
    interval: tuple[float, float] | None

    @property
    def is_worse(self) -> bool:
        """Whether the second model is worse beyond noise."""
        return self.interval is not None and self.interval[1] < 0

    @property
    def is_better(self) -> bool:
        """Whether the second model is better beyond noise."""
        return self.interval is not None and self.interval[0] > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same paragraphs and issues.

    Attributes
    ----------
    first, second : Figures
        Of each on these paragraphs.
    micro, macro : Difference
        Over all issues together, and the mean over the issues.
    issues : dict of str to Difference
        Issue by issue.
    own : Difference
        Of micro F1, each model by the labels of its own time: labels that contradict
        each other make every model look alike by them, and are seen here alone.
    n_relabelled : int
        Paragraphs whose labels have changed between the two.
    only_first, only_second : tuple of str
        Issues that one of them alone has learned, and that are left out.
    """

    first: Figures
    second: Figures
    micro: Difference
    macro: Difference
    issues: dict[str, Difference]
    own: Difference
    n_relabelled: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether the second is worse beyond noise in any of the three."""
        return any(d.is_worse for d in (self.micro, self.macro, self.own))

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison ready for JSON, rounded to 6 decimals."""

        def row(first: float, second: float, found: Difference) -> dict[str, Any]:
            low_high = found.interval and [round(v, 6) for v in found.interval]
            values = {"first": first, "second": second, "difference": found.value}
            return {
                **{key: round(value, 6) for key, value in values.items()},
                "interval": low_high,
            }

        first, second = self.first, self.second
        return {
            "n_paragraphs": first.n_paragraphs,
            "n_articles": first.n_articles,
            "micro_f1": row(first.micro.f1, second.micro.f1, self.micro),
            "macro_f1": row(first.macro.f1, second.macro.f1, self.macro),
            "issues": {
                slug: row(first.issues[slug].f1, second.issues[slug].f1, found)
                for slug, found in self.issues.items()
            },
            "n_relabelled": self.n_relabelled,
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
            "is_worse": self.is_worse,
        }


def compare(first: Predictions, second: Predictions, *, seed: int = 0) -> Comparison:
    """Compare two models by what they said of the paragraphs that both were shown.

    The labels are those of the second, the later one. Differences are resampled in
    pairs: both models are measured on the same articles drawn, so that what makes an
    article hard for both cancels (the paired bootstrap of Efron and Tibshirani, 1993,
    over articles).

    Raises
    ------
    EvaluationError
        If they have no paragraph or no learned issue in common.
    """
    slugs = {
        name: [s for s, ok in zip(p.issues, p.learned, strict=True) if ok]
        for name, p in (("first", first), ("second", second))
    }
    shared = [slug for slug in slugs["second"] if slug in slugs["first"]]
    place_of = {key: i for i, key in enumerate(_keys(first))}
    pairs = [
        (place_of[key], i) for i, key in enumerate(_keys(second)) if key in place_of
    ]
    if not pairs or not shared:
        what = "paragraph" if shared else "learned issue"
        message = f"the two versions have no {what} in common: nothing to compare by"
        raise EvaluationError(message)
    theirs, ours = map(list, zip(*pairs, strict=True))
    before = first.take(theirs, [first.issues.index(s) for s in shared])
    after = second.take(ours, [second.issues.index(s) for s in shared])
    old_labels = before.labelled
    before = Predictions(
        after.issues,
        after.articles,
        after.numbers,
        after.labelled,
        before.tagged,
        before.probabilities,
    )
    figures = [measure(p, seed=seed) for p in (before, after)]
    drawn = [
        ArticleCounts.of(p.labelled, p.tagged, p.articles).resampled(seed=seed)
        for p in (before, after)
    ]

    own = (
        ArticleCounts.of(old_labels, before.tagged, after.articles)
        .resampled(seed=seed)
        .micro_f1()
    )
    own_f1 = f1_score(old_labels, before.tagged)

    def difference(
        values: list[float], resampled: list[NDArray[np.float64]]
    ) -> Difference:
        return Difference(values[1] - values[0], interval(resampled[1] - resampled[0]))

    by_issue = [d.f1() for d in drawn]
    return Comparison(
        first=figures[0],
        second=figures[1],
        micro=difference([f.micro.f1 for f in figures], [d.micro_f1() for d in drawn]),
        macro=difference([f.macro.f1 for f in figures], [d.macro_f1() for d in drawn]),
        issues={
            slug: difference(
                [f.issues[slug].f1 for f in figures], [f1[:, i] for f1 in by_issue]
            )
            for i, slug in enumerate(shared)
        },
        own=difference([own_f1, figures[1].micro.f1], [own, drawn[1].micro_f1()]),
        n_relabelled=int((old_labels != after.labelled).any(axis=1).sum()),
        only_first=tuple(s for s in slugs["first"] if s not in shared),
        only_second=tuple(s for s in slugs["second"] if s not in shared),
    )


def _keys(predictions: Predictions) -> list[tuple[str, str]]:
    """Return what a paragraph is known by, wherever it now stands in its article."""
    return list(zip(predictions.articles, predictions.digests, strict=True))
