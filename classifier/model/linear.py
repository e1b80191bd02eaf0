"""The linear model: n-gram hashes, idf and weights to calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifier.files import sha256
from classifier.model.analyzer import Words, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from classifier.corpus.passages import Passages

# Characters per batch: its arrays stay in the processor's cache.
_BATCH = 400_000
# Characters from which the compiled loop saves more time than it takes to import.
WORTH_COMPILING = 3_000_000
# Steps of a quantised weight on either side of 0.
_STEPS = 127


class Features(NamedTuple):
    """TF-IDF features of some paragraphs, one entry per feature and paragraph.

    Attributes
    ----------
    paragraphs : ndarray of shape (n_entries,)
        The paragraph's index, rising.
    features : ndarray of shape (n_entries,)
        The feature's index.
    values : ndarray of shape (n_entries,)
        Weighed and normalised: the squares of a paragraph's n-grams sum to 1, and so do
        those of its fragments.
    """

    paragraphs: NDArray[np.intp]
    features: NDArray[np.intp]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """TF-IDF and logistic regressions with their calibration folded in.

    The probability of an issue is the logistic function of its score. A text's evidence
    is the sum of value times weight over its features; the score is the evidence of the
    paragraph, plus that of its title and of the paragraphs before and after it, each
    times what such a part counts for, plus an intercept. The intercept depends on which
    of the parts are there: it was fitted with the others left out.

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
        True for a fragment, False for an n-gram.
    weights : ndarray of shape (n_features, n_learned), int8
        In steps of the feature's scale; of formats before the fourth floats.
    scales : ndarray of shape (n_features,)
        What a step of the feature's weights counts for, in log-odds.
    intercepts : ndarray of shape (8, n_learned)
        In log-odds, a row for each combination of parts, see `Passages.present`.
    context : ndarray of shape (3,)
        What a title, a paragraph before and a paragraph after count for, against 1 for
        the paragraph itself.
    thresholds : ndarray of shape (n_issues,)
        The probability from which an issue is tagged; NaN where it is not learned.
    worth_compiling : int
        The characters from which texts go through the compiled loop.
    """

    issues: tuple[str, ...]
    learned: NDArray[np.intp]
    hashes: NDArray[np.uint64]
    idf: NDArray[np.float32] | NDArray[np.float64]
    is_fragment: NDArray[np.bool_]
    weights: NDArray[np.int8] | NDArray[np.floating[Any]]
    scales: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    context: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    worth_compiling: int = WORTH_COMPILING
    # The bucket table: features whose hashes share their upper bits stand together, so
    # the first of each bucket is all that a look-up needs beside the hashes.
    _starts: NDArray[np.int32] = field(init=False, repr=False)
    _shift: np.uint64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Build the bucket table, two buckets or more per feature."""
        bits = len(self.hashes).bit_length() + 1
        shift = np.uint64(64 - bits)
        sizes = np.bincount((self.hashes >> shift).astype(np.intp), minlength=1 << bits)
        starts = np.zeros(len(sizes) + 1, dtype=np.int32)
        starts[1:] = np.cumsum(sizes)
        starts.flags.writeable = False
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_shift", shift)

    @property
    def buckets(self) -> tuple[NDArray[np.int32], np.uint64]:
        """The first feature of each bucket of hashes, and how far a hash is shifted."""
        return self._starts, self._shift

    @property
    def n_features(self) -> int:
        """The number of n-grams the model knows."""
        return len(self.hashes)

    @property
    def digest(self) -> str:
        """A digest of what it is made of."""
        arrays = (self.hashes, self.idf, self.scales, self.weights, self.intercepts)
        everything = b"".join(
            np.ascontiguousarray(a).tobytes()
            for a in (*arrays, self.context, self.thresholds)
        )
        return sha256(everything)

    def look_up(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the feature of each hash, or -1 where the model does not know it."""
        if not self.n_features:
            return np.full(len(hashes), -1, dtype=np.intp)
        buckets = (hashes >> self._shift).astype(np.intp)
        places = self._starts[buckets]
        n_left = self._starts[buckets + 1] - places
        is_hit = (self.hashes.take(places, mode="clip") == hashes) & (n_left > 0)
        found = np.where(is_hit, places, -1).astype(np.intp)
        # Few buckets hold more than one feature.
        rest = np.flatnonzero(~is_hit & (n_left > 1))
        places, n_left = places[rest], n_left[rest]
        while len(rest):
            places, n_left = places + 1, n_left - 1
            is_hit = self.hashes[places] == hashes[rest]
            found[rest[is_hit]] = places[is_hit]
            is_open = ~is_hit & (n_left > 1)
            rest, places, n_left = rest[is_open], places[is_open], n_left[is_open]
        return found

    def features(self, texts: Sequence[str]) -> Features:
        """Return the TF-IDF features of some paragraphs.

        Counts are sublinear (1 + log count) and the vectors of words and pairs and of
        fragments have unit length each, as with two of scikit-learn's
        ``TfidfVectorizer(sublinear_tf=True)`` side by side.
        """
        words = Words(texts)
        owners, hashes, _ = words.ngrams()
        found = self.look_up(hashes)
        known = found >= 0
        holders, fragments = self._fragments(words, found[: len(words.hashes)])
        bits = self.n_features.bit_length()
        ordered = np.concatenate(
            [(owners[known] << bits) + found[known], (holders << bits) + fragments]
        )
        ordered.sort()
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        counts = np.diff(first, append=len(ordered))
        paragraphs, features = (
            ordered[first] >> bits,
            ordered[first] & ((1 << bits) - 1),
        )
        values = (1.0 + np.log(counts)) * self.idf[features]
        vectors = 2 * paragraphs + self.is_fragment[features]
        squares = np.bincount(vectors, values * values)
        return Features(paragraphs, features, values / np.sqrt(squares)[vectors])

    def _fragments(
        self, words: Words, found: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the known fragments of all words, and the texts that they stand in.

        A word that the model knows is taken apart once, however often it occurs.

        Parameters
        ----------
        words : Words
            The words of all texts.
        found : ndarray of shape (n_words,)
            Their features, or -1.
        """
        numbers = np.arange(len(found))
        known = found >= 0
        last = np.empty(self.n_features, dtype=np.intp)
        last[found[known]] = numbers[known]
        same = numbers.copy()
        same[known] = last[found[known]]
        is_apart = same == numbers
        apart = np.flatnonzero(is_apart)
        _, hashes, within = words.fragments(apart)
        fragments = self.look_up(hashes)
        is_known = fragments >= 0
        fragments = fragments[is_known]
        sizes = np.bincount(within[is_known], minlength=len(found))
        starts = np.cumsum(sizes) - sizes
        holders = np.repeat(words.owners, sizes[same])
        return holders, fragments[spread(starts[same], sizes[same])]

    def evidence(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what each text by itself says for the issues.

        Many texts go through the compiled loop where numba is installed. Which way they
        go hangs on their number of characters alone, so that the same texts always give
        the same bits.

        Returns
        -------
        ndarray of shape (n_texts, n_learned)
            In log-odds, without the intercept.
        """
        if sum(map(len, texts)) >= self.worth_compiling:
            compiled = _import_compiled()
            if compiled:
                return compiled(self, texts)
        result = np.zeros((len(texts), len(self.learned)))
        for start, stop in _batches(texts):
            found = self.features(texts[start:stop])
            values = found.values * self.scales[found.features]
            weights = self.weights.take(found.features, axis=0)
            first = np.flatnonzero(np.diff(found.paragraphs, prepend=-1))
            ends = [*first[1:].tolist(), len(values)]
            for begin, end in zip(first.tolist(), ends, strict=False):
                # Not BLAS, which would split long sums over its threads.
                result[start + found.paragraphs[begin]] = np.einsum(
                    "i,ij->j", values[begin:end], weights[begin:end]
                )
        return result

    def predict_proba(self, passages: Passages) -> NDArray[np.float64]:
        """Return the probability of every issue for some paragraphs.

        Parameters
        ----------
        passages : Passages
            Paragraphs with their contexts, of any number and length.

        Returns
        -------
        ndarray of shape (n_paragraphs, n_issues)
            Calibrated, in [0, 1]; NaN for an issue that is not learned.
        """
        evidence = self.evidence(passages.texts)
        scores = evidence[passages.paragraphs] + self.intercepts[passages.present]
        for places, weight in zip(passages.context.T, self.context, strict=True):
            there = places >= 0
            scores[there] += weight * evidence[places[there]]
        result = np.full((len(passages), len(self.issues)), np.nan)
        result[:, self.learned] = logistic(scores)
        return result


def _import_compiled() -> (
    Callable[[LinearModel, Sequence[str]], NDArray[np.float64]] | None
):
    """Return the compiled loop, or None where it cannot be had."""
    try:
        from classifier.model.compiled import evidence  # noqa: PLC0415 - takes 0.5 s
    except (ImportError, RuntimeError):  # RuntimeError: no folder for what is compiled
        return None
    return evidence


def quantise(
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Round weights to one of 255 steps a feature.

    The largest weight of a feature is 127 steps, or as many below 0. Rounding what was
    rounded changes nothing.

    Parameters
    ----------
    weights : ndarray of shape (n_features, n_learned)
        In log-odds.

    Returns
    -------
    scales : ndarray of shape (n_features,)
        The step, in log-odds.
    steps : ndarray of shape (n_features, n_learned)
        The number of steps.
    """
    scales = (np.abs(weights).max(axis=1, initial=0.0) / _STEPS).astype(np.float32)
    # A feature of no weight at all has no steps to take.
    wide = np.where(scales > 0, scales, 1.0).astype(np.float64)[:, np.newaxis]
    steps = np.clip(np.rint(weights / wide), -_STEPS, _STEPS)
    return scales, steps.astype(np.int8)


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
