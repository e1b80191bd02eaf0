"""Folds that keep an article and its copies together and spread the rare issues."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from classifier.model.analyzer import TOKEN_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

# Words that have to follow each other in two texts to count as shared.
_RUN = 5
# Words below which a paragraph is a stock phrase rather than a copy.
_LEAST_WORDS = 12
# Share of a paragraph's runs that stand in the other article too: what is left of them
# where a word in ten is another. Of 471 articles copied so 447 are found, of those with
# a word in twenty replaced all, with a word in five 15.
_COPIED_RUNS = 0.6
# Share of an article's words that are copied, from which it is no longer quoting. Of
# 1,349 articles and releases on US-China relations 51 get into 20 groups: one release
# by two senators, a story printed twice, next year's report, and the orders of a
# president, 8 of them. Stock sentences stay below: of 50 terms of service the closest
# two, both of one owner, share 0.14.
_COPIED_WORDS = 0.2
# How many articles to either side, by id, a run in many articles is compared with. The
# copies of a story have all its runs, so that they join one after the other; a phrase
# in 50,000 paragraphs takes no square of them. Comparing all with all would join one
# more pair of the 1,349.
_NEIGHBOURS = 8
# No group has more than a fifth of the articles, for five folds are made, or more than
# the two that a copy takes. Articles made of one mould would be one group otherwise.
_MOST_GROUPED = 0.2

_WORD = re.compile(TOKEN_PATTERN)
_BASE = np.uint64(0x9E3779B97F4A7C15)


def group_near_copies(texts: Sequence[str], articles: Sequence[str]) -> list[str]:
    """Group the articles that print the same text, such as a wire story.

    A paragraph of 12 words or more is copied where 60 % of its runs of five words stand
    in another article too, in whatever paragraph; case and punctuation do not count.
    Two articles are grouped where a fifth of the words of either are copied from the
    other, and so are all that hang together by such pairs, the closest first, up to a
    fifth of all articles. A stock sentence groups nothing.

    Parameters
    ----------
    texts : sequence of str, of length n_paragraphs
        The paragraphs.
    articles : sequence of str, of length n_paragraphs
        The article of each paragraph.

    Returns
    -------
    list of str, of length n_paragraphs
        The group of each paragraph, named after the first of its articles; for
        `assign_folds` in place of the articles.

    Examples
    --------
    >>> wire = "The two sides agreed to cut tariffs on soya beans and to meet in May."
    >>> group_near_copies([wire, wire.upper(), "Rain."], ["b", "a", "c"])
    ['a', 'a', 'c']
    """
    names = sorted(set(articles))
    index = {name: i for i, name in enumerate(names)}
    owners = np.array([index[name] for name in articles], dtype=np.intp)
    n_words, paragraphs, runs = _find_runs(texts)
    n_runs = np.bincount(paragraphs, minlength=len(texts))
    paragraph, article, n_shared = _count_shared(paragraphs, runs, owners)
    is_copied = (n_shared >= _COPIED_RUNS * n_runs[paragraph]) & (
        n_words[paragraph] >= _LEAST_WORDS
    )
    paragraph, article = paragraph[is_copied], article[is_copied]

    pairs, place = np.unique(
        np.column_stack([owners[paragraph], article]), axis=0, return_inverse=True
    )
    copied = np.bincount(place.ravel(), n_words[paragraph], len(pairs))
    shares = copied / np.bincount(owners, n_words, len(names))[pairs[:, 0]]
    close = np.flatnonzero(shares >= _COPIED_WORDS)
    # The closest first; names decide between pairs as close as each other.
    order = close[np.lexsort((*pairs[close].T[::-1], -shares[close]))]
    most = max(2, int(_MOST_GROUPED * len(names)))
    roots = _join(len(names), pairs[order].tolist(), most)
    return [names[roots[owner]] for owner in owners.tolist()]


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
        The article of each paragraph, or its group, see `group_near_copies`.
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


def _find_runs(
    texts: Sequence[str],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint64]]:
    """Find the runs of five words of each text.

    Returns
    -------
    n_words : ndarray of shape (n_texts,)
        The length of each text.
    paragraphs : ndarray of shape (n_runs,)
        The text that each run stands in.
    runs : ndarray of shape (n_runs,), uint64
        A hash of its words; each run stands once for each text that has it, and like
        runs side by side.
    """
    words = [_WORD.findall(text.lower()) for text in texts]
    n_words = np.array([len(found) for found in words], dtype=np.intp)
    numbers: dict[str, int] = {}
    stream = np.array(
        [numbers.setdefault(w, len(numbers)) for found in words for w in found],
        dtype=np.uint64,
    )
    owners = np.repeat(np.arange(len(texts)), n_words)
    n_starts = max(0, len(stream) - _RUN + 1)
    runs = np.zeros(n_starts, dtype=np.uint64)
    for offset in range(_RUN):
        runs = (runs + stream[offset : offset + n_starts] + np.uint64(1)) * _BASE
        runs ^= runs >> np.uint64(29)
    is_within = owners[:n_starts] == owners[_RUN - 1 :]
    runs, owners = runs[is_within], owners[:n_starts][is_within]
    order = np.lexsort((owners, runs))
    runs, owners = runs[order], owners[order]
    is_first = _changes(runs) | _changes(owners)
    return n_words, owners[is_first], runs[is_first]


def _count_shared(
    paragraphs: NDArray[np.intp], runs: NDArray[np.uint64], owners: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Count the runs that paragraphs share with other articles.

    Returns
    -------
    paragraph, article, n_shared : ndarray of shape (n_pairs,)
        Each paragraph and other article that share a run, and how many they share.
    """
    order = np.lexsort((owners[paragraphs], runs))
    paragraphs, runs = paragraphs[order], runs[order]
    articles = owners[paragraphs]
    # The articles that have a run, in order, the run's own stretch of one long list.
    is_first = _changes(runs) | _changes(articles)
    listed_runs, listed = runs[is_first], articles[is_first]
    places = np.cumsum(is_first) - 1
    n_articles = int(owners.max(initial=0)) + 1
    codes, counts = [], []
    for offset in range(-_NEIGHBOURS, _NEIGHBOURS + 1):
        others = places + offset
        is_inside = (others >= 0) & (others < len(listed)) & (offset != 0)
        others, own = others[is_inside], runs[is_inside]
        is_same = listed_runs[others] == own
        # Counted at each offset: a stock phrase would fill the memory otherwise.
        found = np.unique(
            paragraphs[is_inside][is_same] * n_articles + listed[others[is_same]],
            return_counts=True,
        )
        codes.append(found[0])
        counts.append(found[1])
    pairs, place = np.unique(np.concatenate(codes), return_inverse=True)
    n_shared = np.bincount(place, np.concatenate(counts), len(pairs)).astype(np.intp)
    return pairs // n_articles, pairs % n_articles, n_shared


def _join(n_articles: int, pairs: Iterable[tuple[int, int]], most: int) -> list[int]:
    """Join pairs into groups of at most so many; return each article's first one."""
    roots, sizes = list(range(n_articles)), [1] * n_articles

    def root_of(article: int) -> int:
        while roots[article] != article:
            roots[article] = roots[roots[article]]
            article = roots[article]
        return article

    for pair in pairs:
        first, second = sorted(map(root_of, pair))
        if first != second and sizes[first] + sizes[second] <= most:
            roots[second] = first
            sizes[first] += sizes[second]
    return [root_of(article) for article in range(n_articles)]


def _changes(values: NDArray[np.intp] | NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell of each value whether it differs from the one before; the first does."""
    result = np.ones(len(values), dtype=bool)
    result[1:] = values[1:] != values[:-1]
    return result
