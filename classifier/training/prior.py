"""What the codebook itself says of the issues, as texts to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from classifier.codebook import Codebook, Issue

# Terms that make one text: fewer would weigh a single one too much, more too little.
_TERMS_PER_TEXT = 5


def codebook_texts(
    codebook: Codebook, learned: Sequence[int]
) -> tuple[list[str], NDArray[np.bool_]]:
    """Return the codebook's own words as texts that carry their issue.

    An issue's name, its definition, each of its inclusions and its terms, five at a
    time, are texts of the training like any labelled paragraph, but are never measured:
    a prior for words that its few labels have not shown yet.

    Parameters
    ----------
    codebook : Codebook
        The issues.
    learned : sequence of int
        The indices of the issues to take.

    Returns
    -------
    texts : list of str
        The texts.
    labelled : ndarray of shape (n_texts, n_learned)
        The issue of each.
    """
    texts, columns = [], []
    for column, index in enumerate(learned):
        for text in _texts_of(codebook.issues[index]):
            texts.append(text)
            columns.append(column)
    return texts, np.eye(len(learned), dtype=bool)[columns]


def _texts_of(issue: Issue) -> Iterator[str]:
    """Yield the texts of one issue."""
    yield issue.name
    yield issue.definition
    yield from issue.include
    # Terms listed side by side are often alike; every text gets some from all over.
    n_texts = -(-len(issue.terms) // _TERMS_PER_TEXT)
    for start in range(n_texts):
        yield ". ".join(issue.terms[start::n_texts])
