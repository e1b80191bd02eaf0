"""Labelled paragraphs and what a model said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Predictions:
    """Labelled paragraphs and what a model said of them.

    Attributes
    ----------
    issues : tuple of str
        The slugs, in the order of all columns.
    articles : tuple of str
        The article of each paragraph.
    numbers : ndarray of shape (n_paragraphs,)
        Its place in the article, from 1; its line where the file does not say.
    labelled : ndarray of shape (n_paragraphs, n_issues), bool
        What people said.
    tagged : ndarray of shape (n_paragraphs, n_issues), bool
        What the model said.
    probabilities : ndarray of shape (n_paragraphs, n_issues)
        In [0, 1]; NaN in the columns of issues that are not learned.
    digests : tuple of str
        Of each paragraph's text, by which two sets of predictions are laid side by
        side; empty where they are not wanted.
    """

    issues: tuple[str, ...]
    articles: tuple[str, ...]
    numbers: NDArray[np.intp]
    labelled: NDArray[np.bool_]
    tagged: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    digests: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of paragraphs."""
        return len(self.articles)

    @property
    def learned(self) -> NDArray[np.bool_]:
        """Which issues the model has learned, of shape (n_issues,)."""
        return np.logical_not(np.isnan(self.probabilities).any(axis=0))

    def take(self, rows: Sequence[int], columns: Sequence[int]) -> Self:
        """Return some paragraphs and issues, in the order given."""
        cells = np.ix_(rows, columns)
        return type(self)(
            tuple(self.issues[i] for i in columns),
            tuple(self.articles[i] for i in rows),
            self.numbers[rows],
            self.labelled[cells],
            self.tagged[cells],
            self.probabilities[cells],
            tuple(self.digests[i] for i in rows) if self.digests else (),
        )
