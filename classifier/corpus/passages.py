"""Paragraphs in their context: the title and the paragraphs before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from numpy.typing import NDArray

# The order of every array over the parts of a context.
PARTS = ("title", "previous", "following")
# Which of them are there is a number from 0, none, to 7, all: a bit for each.
N_PRESENCES = 1 << len(PARTS)


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Paragraphs, each with what is known of its context.

    A text that stands in several places, such as the title of all paragraphs of an
    article, is held and scored once.

    Attributes
    ----------
    texts : tuple of str
        Every text once, whether paragraph, title or neighbour.
    paragraphs : ndarray of shape (n_paragraphs,)
        The index in `texts` of each paragraph.
    context : ndarray of shape (n_paragraphs, 3)
        The indices in `texts` of its title, of the paragraph before and of the one
        after; -1 where there is none.
    """

    texts: tuple[str, ...]
    paragraphs: NDArray[np.intp]
    context: NDArray[np.intp]

    def __len__(self) -> int:
        """Return the number of paragraphs."""
        return len(self.paragraphs)

    @classmethod
    def gather(
        cls,
        texts: Sequence[str],
        titles: Sequence[str | None] | None = None,
        previous: Sequence[str | None] | None = None,
        following: Sequence[str | None] | None = None,
    ) -> Self:
        """Put paragraphs and their contexts together.

        Parameters
        ----------
        texts : sequence of str
            The paragraphs.
        titles, previous, following : sequence of str or None, optional
            For each paragraph its article's title and the paragraphs before and after
            it. None or an empty text means that there is none, or none known.

        Raises
        ------
        TypeError
            If one of them is no text, such as the NaN of a table's empty cell.
        ValueError
            If one of them has another length than `texts`.
        """
        for column in (texts, titles, previous, following):
            for number, text in enumerate(() if column is None else column):
                if not isinstance(text, str) and (text is not None or column is texts):
                    kind = type(text).__name__
                    message = f"number {number} is not a text but of type {kind}"
                    raise TypeError(message)
        place_of: dict[str, int] = {}

        def places(column: Iterable[str | None]) -> list[int]:
            return [
                place_of.setdefault(text, len(place_of)) if text else -1
                for text in column
            ]

        # An empty paragraph is a paragraph still.
        paragraphs = [place_of.setdefault(text, len(place_of)) for text in texts]
        context = np.full((len(texts), len(PARTS)), -1, dtype=np.intp)
        for i, column in enumerate((titles, previous, following)):
            if column is None:
                continue
            if len(column) != len(texts):
                message = (
                    f"{len(texts)} paragraphs, but {len(column)} for '{PARTS[i]}': "
                    "give one for each, None where there is none"
                )
                raise ValueError(message)
            context[:, i] = places(column)
        return cls(tuple(place_of), np.array(paragraphs, dtype=np.intp), context)

    @classmethod
    def of_articles(cls, articles: Iterable[tuple[str | None, Sequence[str]]]) -> Self:
        """Put together all paragraphs of some articles, given as title and texts."""
        columns: tuple[list[str], list[str | None], list[str | None], list[str | None]]
        columns = ([], [], [], [])
        for title, texts in articles:
            columns[0].extend(texts)
            columns[1].extend([title] * len(texts))
            columns[2].extend([None, *texts[:-1]] if texts else [])
            columns[3].extend([*texts[1:], None] if texts else [])
        return cls.gather(*columns)

    @property
    def paragraph_texts(self) -> tuple[str, ...]:
        """The text of each paragraph."""
        return tuple(self.texts[place] for place in self.paragraphs.tolist())

    @property
    def present(self) -> NDArray[np.intp]:
        """Which parts each paragraph has, a bit for each: shape (n_paragraphs,)."""
        bits = 1 << np.arange(len(PARTS))
        return np.asarray((self.context >= 0) @ bits, dtype=np.intp)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Self:
        """Return some of the paragraphs, with their contexts."""
        return replace(
            self, paragraphs=self.paragraphs[rows], context=self.context[rows]
        )

    def extended(self, texts: Sequence[str]) -> Self:
        """Return the paragraphs with some more at the end, which have no context."""
        added = type(self).gather(texts)
        shift = len(self.texts)
        return type(self)(
            self.texts + added.texts,
            np.concatenate([self.paragraphs, shift + added.paragraphs]),
            np.concatenate([self.context, added.context]),
        )

    def hide(self, parts: int) -> Self:
        """Return the paragraphs with the parts left out whose bits are not set."""
        is_kept = (parts >> np.arange(len(PARTS))) & 1 == 1
        return replace(self, context=np.where(is_kept, self.context, -1))
