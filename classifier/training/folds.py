"""Folds that keep an article whole and spread the rare issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def assign_folds(
    labelled: NDArray[np.bool_], articles: Sequence[str], n_folds: int, *, seed: int
) -> NDArray[np.intp]:
    """Assign every paragraph to a fold.

    All paragraphs of an article share a fold. Articles are dealt greedily, those of the
    rarest issue first, each to the fold that lacks its issues most: the stratification
    of Sechidis, Tsoumakas and Vlahavas (2011), with articles in place of examples.

    Parameters
    ----------
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    articles : sequence of str, of length n_paragraphs
        The article of each paragraph.
    n_folds : int
        At most the number of articles.
    seed : int
        Decides between articles and folds that are as good as each other.

    Returns
    -------
    ndarray of shape (n_paragraphs,)
        Fold numbers from 0.
    """
    names, owners = np.unique(np.array(articles), return_inverse=True)
    # One more column counts the paragraphs, so that folds get even in size as well.
    columns = np.column_stack([labelled, np.ones(len(labelled))])
    counts = np.zeros((len(names), columns.shape[1]))
    np.add.at(counts, owners, columns)
    totals = np.maximum(counts.sum(axis=0), 1.0)
    shares = counts / totals

    shuffled = np.random.default_rng(seed).permutation(len(names))
    rarest = np.where(counts > 0, totals, np.inf).min(axis=1)
    order = shuffled[np.lexsort((-shares[shuffled].sum(axis=1), rarest[shuffled]))]
    filled = np.zeros((n_folds, columns.shape[1]))
    n_articles = np.zeros(n_folds)
    fold_of = np.empty(len(names), dtype=np.intp)
    for article in order:
        # What the squared filling of each fold would grow by.
        growth = (2 * filled * shares[article]).sum(axis=1)
        fold = int(np.lexsort((n_articles, growth))[0])
        fold_of[article] = fold
        filled[fold] += shares[article]
        n_articles[fold] += 1
    return fold_of[owners]
