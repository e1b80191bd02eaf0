"""The linear model: n-gram hashes, idf and weights to calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from classifier.model.analyzer import hash_ngrams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# Characters per batch: its arrays stay in the processor's cache.
_BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Features:
    """TF-IDF features of some paragraphs, one entry per feature and paragraph.

    Attributes
    ----------
    paragraphs : ndarray of shape (n_entries,)
        The paragraph's index, rising.
    features : ndarray of shape (n_entries,)
        The feature's index.
    values : ndarray of shape (n_entries,)
        Weighed and normalised: the squares of a paragraph's words and pairs sum to 1,
        and so do those of its fragments.
    """

    paragraphs: NDArray[np.intp]
    features: NDArray[np.intp]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """TF-IDF and logistic regressions with their calibration folded in.

    The probability of an issue is the logistic function of its score, and the score
    is the intercept plus the sum of value times weight over a paragraph's features.

    Attributes
    ----------
    issues : tuple of str
        Slugs in codebook order.
    learned : ndarray of shape (n_learned,)
        The indices of the issues that have weights; the others had too few labels.
    hashes : ndarray of shape (n_features,), uint64
        The n-grams' hashes, rising; a feature is a place in this array.
    idf : ndarray of shape (n_features,)
        Inverse document frequencies.
    is_fragment : ndarray of shape (n_features,)
        True for a fragment, False for a word or a pair.
    weights : ndarray of shape (n_features, n_learned), float32
        In log-odds.
    intercepts : ndarray of shape (n_learned,)
        In log-odds.
    thresholds : ndarray of shape (n_issues,)
        The probability from which an issue is tagged; NaN where it is not learned.
    """

    issues: tuple[str, ...]
    learned: NDArray[np.intp]
    hashes: NDArray[np.uint64]
    idf: NDArray[np.float64]
    is_fragment: NDArray[np.bool_]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    # The bucket table: features whose hashes share their upper bits stand together, so
    # the first of each bucket is all that a look-up needs beside the hashes.
    _starts: NDArray[np.intp] = field(init=False, repr=False)
    _shift: np.uint64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Build the bucket table, about one bucket per feature."""
        bits = max(1, len(self.hashes).bit_length())
        shift = np.uint64(64 - bits)
        edges = np.arange(1 << bits, dtype=np.uint64) << shift
        starts = np.append(np.searchsorted(self.hashes, edges), len(self.hashes))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_shift", shift)

    @property
    def n_features(self) -> int:
        """The number of n-grams the model knows."""
        return len(self.hashes)

    def look_up(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the feature of each hash, or -1 where the model does not know it."""
        buckets = (hashes >> self._shift).astype(np.intp)
        places, ends = self._starts[buckets], self._starts[buckets + 1]
        found = np.full(len(hashes), -1, dtype=np.intp)
        open_ = np.flatnonzero(places < ends)
        while len(open_):
            here = places[open_]
            hit = self.hashes[here] == hashes[open_]
            found[open_[hit]] = here[hit]
            open_ = open_[~hit]
            places[open_] += 1
            open_ = open_[places[open_] < ends[open_]]
        return found

    def features(self, texts: Sequence[str]) -> Features:
        """Return the TF-IDF features of some paragraphs.

        Counts are sublinear (1 + log count) and the vectors of words and pairs and of
        fragments have unit length each, as with two of scikit-learn's
        ``TfidfVectorizer(sublinear_tf=True)`` side by side.
        """
        keys = []
        for owners, hashes, _ in hash_ngrams(texts):
            found = self.look_up(hashes)
            known = found >= 0
            keys.append(owners[known] * self.n_features + found[known])
        ordered = np.sort(np.concatenate(keys))
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        counts = np.diff(first, append=len(ordered))
        paragraphs, features = np.divmod(ordered[first], max(1, self.n_features))
        values = (1.0 + np.log(counts)) * self.idf[features]
        vectors = 2 * paragraphs + self.is_fragment[features]
        squares = np.bincount(vectors, values * values)
        return Features(paragraphs, features, values / np.sqrt(squares)[vectors])

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the scores of some paragraphs.

        Returns
        -------
        ndarray of shape (n_paragraphs, n_learned)
            Log-odds.
        """
        found = self.features(texts)
        scores = np.tile(self.intercepts, (len(texts), 1))
        if len(found.paragraphs):
            products = self.weights[found.features] * found.values[:, np.newaxis]
            first = np.flatnonzero(np.diff(found.paragraphs, prepend=-1))
            scores[found.paragraphs[first]] += np.add.reduceat(products, first, axis=0)
        return scores

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of every issue for some paragraphs.

        Parameters
        ----------
        texts : sequence of str
            One text a paragraph, of any length.

        Returns
        -------
        ndarray of shape (n_paragraphs, n_issues)
            Calibrated, in [0, 1]; NaN for an issue that is not learned.
        """
        result = np.full((len(texts), len(self.issues)), np.nan)
        for start, stop in _batches(texts):
            scores = self.scores(texts[start:stop])
            result[start:stop, self.learned] = logistic(scores)
        return result


def logistic(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function of some scores: log-odds to probabilities."""
    # Beyond these the probability is 0 or 1 to the last bit, and exp overflows.
    clipped = np.clip(scores, -700.0, 700.0)
    probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-clipped))
    return probabilities


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of batches of about `_BATCH` characters."""
    start, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= _BATCH:
            yield start, number + 1
            start, size = number + 1, 0
    if start < len(texts):
        yield start, len(texts)
