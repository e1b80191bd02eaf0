"""Intervals by resampling articles.

Paragraphs of an article share its subject and its author's words, so that articles, not
paragraphs, are drawn anew: the cluster bootstrap (Davison and Hinkley, 1997, section
3.8; Field and Welsh, 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

N_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """What the figures of tags are made of, article by article.

    Attributes
    ----------
    true, tagged, labelled : ndarray of shape (n_articles, n_issues)
        Paragraphs that are rightly tagged, tagged at all, and labelled.
    none : ndarray of shape (n_articles, 2)
        Paragraphs with no issue, and those of them that got a tag.
    """

    true: NDArray[np.float64]
    tagged: NDArray[np.float64]
    labelled: NDArray[np.float64]
    none: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        labelled: NDArray[np.bool_],
        tagged: NDArray[np.bool_],
        articles: Sequence[str] | NDArray[np.str_],
    ) -> ArticleCounts:
        """Count the tags and labels of some paragraphs by their articles."""
        _, owners = np.unique(np.array(articles), return_inverse=True)
        is_none = ~labelled.any(axis=1)
        none = np.column_stack([is_none, is_none & tagged.any(axis=1)])
        return cls(
            *(
                _sum_by(values, owners)
                for values in (labelled & tagged, tagged, labelled, none)
            )
        )

    def resampled(self, *, seed: int, n: int = N_RESAMPLES) -> Resampled:
        """Return the counts of resampled articles; one seed draws the same ones."""
        drawn = draw_articles(len(self.true), seed=seed, n=n)
        return Resampled(drawn @ self.true, drawn @ self.tagged, drawn @ self.labelled)

    def resampled_none(self, *, seed: int, n: int = N_RESAMPLES) -> NDArray[np.float64]:
        """Return the share of paragraphs with no issue that got a tag: (n,)."""
        drawn = draw_articles(len(self.none), seed=seed, n=n) @ self.none
        return divide(drawn[:, 1], drawn[:, 0])


@dataclass(frozen=True, slots=True)
class Resampled:
    """Counts of resampled articles, each array of shape (n_resamples, n_issues)."""

    true: NDArray[np.float64]
    tagged: NDArray[np.float64]
    labelled: NDArray[np.float64]

    def precision(self) -> NDArray[np.float64]:
        """Return precision by issue; NaN where nothing is tagged."""
        return divide(self.true, self.tagged)

    def recall(self) -> NDArray[np.float64]:
        """Return recall by issue; NaN where nothing is labelled."""
        return divide(self.true, self.labelled)

    def f1(self) -> NDArray[np.float64]:
        """Return F1 by issue; NaN where nothing is labelled."""
        f1 = divide(2 * self.true, self.tagged + self.labelled)
        return np.where(self.labelled > 0, f1, np.nan)

    def micro_precision(self) -> NDArray[np.float64]:
        """Return precision over all issues together, of shape (n_resamples,)."""
        return divide(self.true.sum(axis=1), self.tagged.sum(axis=1))

    def micro_recall(self) -> NDArray[np.float64]:
        """Return recall over all issues together, of shape (n_resamples,)."""
        return divide(self.true.sum(axis=1), self.labelled.sum(axis=1))

    def micro_f1(self) -> NDArray[np.float64]:
        """Return F1 over all issues together, of shape (n_resamples,)."""
        true, tagged, labelled = (
            a.sum(axis=1) for a in (self.true, self.tagged, self.labelled)
        )
        return divide(2 * true, tagged + labelled)

    def macro_f1(self) -> NDArray[np.float64]:
        """Return the mean of F1 over the issues that occur, of shape (n_resamples,)."""
        return row_means(self.f1())


def interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the 95 % interval of resampled figures; None where they do not exist."""
    known = values[~np.isnan(values)]
    # Quantiles of a few draws that happened to have a rare issue would mislead.
    if len(known) < len(values) / 2:
        return None
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return low, high


def draw_articles(n_articles: int, *, seed: int, n: int) -> NDArray[np.int64]:
    """Draw as many articles as there are, with replacement, `n` times over.

    Returns
    -------
    ndarray of shape (n, n_articles)
        How often each article was drawn.
    """
    even = np.full(n_articles, 1 / max(1, n_articles))
    return np.random.default_rng(seed).multinomial(n_articles, even, n)


def divide(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Return ratios, NaN where the whole is 0."""
    ratios = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=ratios, where=whole > 0)
    return ratios


def row_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of rows over what is not NaN."""
    known = ~np.isnan(values)
    return divide(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1))


def _sum_by(values: NDArray[np.bool_], owners: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sum rows by their owner."""
    sums = np.zeros((int(owners.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, owners, values)
    return sums
