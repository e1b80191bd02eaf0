"""The linear model's evidence in one compiled loop, for large inputs.

The same sums as `linear.LinearModel.evidence`, a character at a time and without arrays
in between. Four fifths of a paragraph's features stand in it once, and most of its
words in many others: so what the fragments of a word say is summed up once, as if none
of them occurred elsewhere in the paragraph, and corrected for those that do.

It needs numba, which the extra ``fast`` installs; its code is compiled once and kept
beside this file, or where ``NUMBA_CACHE_DIR`` says.
"""

from __future__ import annotations

from functools import lru_cache
from math import log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from classifier.model.analyzer import (
    BASE,
    BLANK,
    FRAGMENT_LENGTHS,
    MIX,
    PAIR,
    SALTS,
    join_lowered,
    word_characters,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from classifier.model.linear import LinearModel

_BASE = np.uint64(BASE)
_BLANK = np.uint64(BLANK)
_PAIR_SALT, _FRAGMENT_SALT, _TRIPLE_SALT = SALTS
_MIX_FIRST, _MIX_SECOND = MIX
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_SHORTEST, _LONGEST = FRAGMENT_LENGTHS[0], FRAGMENT_LENGTHS[-1]
# What small counts weigh: their logarithms would take a twentieth of the time.
_WEIGHED = 1.0 + np.log(np.maximum(np.arange(64), 1))
# Weights of so many issues go through a vector instruction at once.
_LANES = 8
# Words that are taken apart once, the table that they are found in, which is half empty
# at most, and the characters from which a word is none that returns.
_N_KEPT = 1 << 15
_N_SLOTS = 1 << 16
_LONGEST_KEPT = 64


def evidence(model: LinearModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return what each text by itself says for the issues.

    Returns
    -------
    ndarray of shape (n_texts, n_learned)
        In log-odds, without the intercept.
    """
    codes, text_ends = join_lowered(texts)
    starts, shift = model.buckets
    summed = _sum_up(
        codes,
        word_characters(codes),
        text_ends,
        # Plain arrays, also of a model that lies in shared memory.
        np.asarray(model.hashes),
        np.asarray(starts),
        shift,
        np.asarray(model.idf),
        np.asarray(model.is_fragment),
        np.asarray(model.scales),
        _pad(model),
    )
    return summed[:, : len(model.learned)]


@lru_cache(maxsize=1)
def _pad(model: LinearModel) -> NDArray[Any]:
    """Return the weights with columns of zeros up to a multiple of the lanes."""
    return np.pad(model.weights, ((0, 0), (0, -model.weights.shape[1] % _LANES)))


@njit(cache=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    """Spread a hash over all its bits, see `analyzer`."""
    value = (value ^ (value >> _SHIFTS[0])) * _MIX_FIRST
    value = (value ^ (value >> _SHIFTS[1])) * _MIX_SECOND
    return value ^ (value >> _SHIFTS[2])


@njit(cache=True, inline="always")
def _look_up(
    value: np.uint64,
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int32],
    shift: np.uint64,
) -> int:
    """Return the feature of a hash, or -1 where the model does not know it."""
    bucket = np.intp(value >> shift)
    for place in range(starts[bucket], starts[bucket + 1]):
        if hashes[place] == value:
            return place
    return -1


@njit(cache=True, inline="always")
def _count(
    feature: int,
    counts: NDArray[np.int64],
    base: int,
    repeated: NDArray[np.int32],
    n_repeated: int,
) -> int:
    """Count a feature from `base` up, and return how many have been met twice."""
    # Without a branch, which would often be mispredicted.
    count = max(counts[feature], base) + 1
    counts[feature] = count
    repeated[n_repeated] = feature
    return n_repeated + int(count == base + 2)


@njit(cache=True, inline="always")
def _add(
    totals: NDArray[np.float64],
    at: int,
    value: float,
    weights: NDArray[Any],
    feature: int,
) -> None:
    """Add so much of a feature's weights to a row of totals."""
    for issue in range(weights.shape[1]):
        totals[at, issue] += value * weights[feature, issue]


@njit(cache=True, inline="always")
def _weigh(
    feature: int,
    at: int,
    idf: NDArray[np.floating[Any]],
    scales: NDArray[np.float32],
    weights: NDArray[Any],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> None:
    """Add a feature that occurs once to the sums and squares in a row."""
    value = np.float64(idf[feature])
    squares[at] += value * value
    _add(sums, at, value * scales[feature], weights, feature)


@njit(cache=True)
def _find_fragments(
    codes: NDArray[np.uint32],
    first: int,
    behind: int,
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int32],
    shift: np.uint64,
    found: NDArray[np.int32],
) -> int:
    """Write the known fragments of a word to `found`, and return how many they are."""
    n_found = 0
    # The word has a blank before and behind it.
    for start in range(first - 1, behind + 2 - _SHORTEST):
        value = np.uint64(0)
        power = np.uint64(1)
        for i in range(min(_LONGEST, behind + 1 - start)):
            at = start + i
            is_blank = at < first or at == behind
            value += (_BLANK if is_blank else np.uint64(codes[at])) * power
            power *= _BASE
            if i + 1 >= _SHORTEST:
                feature = _look_up(_mix(value ^ _FRAGMENT_SALT), hashes, starts, shift)
                if feature >= 0:
                    found[n_found] = feature
                    n_found += 1
    return n_found


@njit(cache=True, nogil=True)
def _sum_up(  # noqa: C901, PLR0912, PLR0915 - one loop: nothing is stored between
    codes: NDArray[np.uint32],
    inside: NDArray[np.int8],
    text_ends: NDArray[np.intp],
    hashes: NDArray[np.uint64],
    starts: NDArray[np.int32],
    shift: np.uint64,
    idf: NDArray[np.floating[Any]],
    is_fragment: NDArray[np.bool_],
    scales: NDArray[np.float32],
    weights: NDArray[Any],
) -> NDArray[np.float64]:
    """Return the evidence of texts, joined and ending at `text_ends`."""
    n_features, width = weights.shape
    result = np.zeros((len(text_ends), width))
    # A text counts on from where none before it has come, so that nothing need be set
    # to 0 between them.
    counts = np.zeros(n_features, dtype=np.int64)
    base = 0
    repeated = np.empty(n_features + 1, dtype=np.int32)
    # N-grams have the first place, fragments the second.
    sums = np.empty((2, width))
    squares = np.empty(2)
    # The words that are kept, by their hashes, and from 1 on what is known of each: its
    # feature, its fragments' places in `found`, and what those say together. The last
    # place is for words that are not kept.
    slot_hashes = np.zeros(_N_SLOTS, dtype=np.uint64)
    slot_words = np.zeros(_N_SLOTS, dtype=np.int32)
    n_kept = 0
    feature_of = np.empty(_N_KEPT + 2, dtype=np.int32)
    found_from = np.empty(_N_KEPT + 2, dtype=np.intp)
    found_to = np.empty(_N_KEPT + 2, dtype=np.intp)
    squares_of = np.empty(_N_KEPT + 2)
    sums_of = np.empty((_N_KEPT + 2, width))
    found = np.empty(1 << 16, dtype=np.int32)
    n_found = 0
    begin = 0
    for text in range(len(text_ends)):
        end = text_ends[text]
        n_repeated = 0
        n_words = 0
        sums[:] = 0.0
        squares[:] = 0.0
        last = last_pair = np.uint64(0)
        place = begin
        while place < end:
            if not inside[place]:
                place += 1
                continue
            first = place
            single = np.uint64(0)
            power = np.uint64(1)
            while place < end and inside[place]:
                single += np.uint64(codes[place]) * power
                power *= _BASE
                place += 1
            single = _mix(single)
            n_words += 1

            slot = np.intp(single & np.uint64(_N_SLOTS - 1))
            while slot_words[slot] and slot_hashes[slot] != single:
                slot = (slot + 1) & (_N_SLOTS - 1)
            word = slot_words[slot]
            if not word:
                is_kept = n_kept < _N_KEPT and place - first <= _LONGEST_KEPT
                word = n_kept + 1 if is_kept else _N_KEPT + 1
                room = len(FRAGMENT_LENGTHS) * (place - first + 2)
                if n_found + room > len(found):
                    grown = np.empty(2 * len(found) + room, dtype=np.int32)
                    grown[:n_found] = found[:n_found]
                    found = grown
                behind = n_found + _find_fragments(
                    codes, first, place, hashes, starts, shift, found[n_found:]
                )
                feature_of[word] = _look_up(single, hashes, starts, shift)
                found_from[word], found_to[word] = n_found, behind
                squares_of[word] = 0.0
                sums_of[word] = 0.0
                for i in range(n_found, behind):
                    feature = found[i]
                    _weigh(feature, word, idf, scales, weights, sums_of, squares_of)
                if is_kept:
                    n_kept = word
                    n_found = behind
                    slot_hashes[slot] = single
                    slot_words[slot] = word

            feature = feature_of[word]
            if feature >= 0:
                n_repeated = _count(feature, counts, base, repeated, n_repeated)
                _weigh(feature, 0, idf, scales, weights, sums, squares)
            if n_words > 1:
                pair = _mix(last * PAIR + single + _PAIR_SALT)
                feature = _look_up(pair, hashes, starts, shift)
                if feature >= 0:
                    n_repeated = _count(feature, counts, base, repeated, n_repeated)
                    _weigh(feature, 0, idf, scales, weights, sums, squares)
                if n_words > 2:  # noqa: PLR2004 - a triple
                    triple = _mix(last_pair * PAIR + single + _TRIPLE_SALT)
                    feature = _look_up(triple, hashes, starts, shift)
                    if feature >= 0:
                        n_repeated = _count(feature, counts, base, repeated, n_repeated)
                        _weigh(feature, 0, idf, scales, weights, sums, squares)
                last_pair = pair
            last = single
            squares[1] += squares_of[word]
            _add(sums, 1, 1.0, sums_of, word)
            for i in range(found_from[word], found_to[word]):
                n_repeated = _count(found[i], counts, base, repeated, n_repeated)
        for i in range(n_repeated):
            feature = repeated[i]
            count = counts[feature] - base
            weighed = _WEIGHED[count] if count < len(_WEIGHED) else 1.0 + log(count)
            kind = int(is_fragment[feature])
            value = np.float64(idf[feature])
            squares[kind] += (weighed * weighed - count) * value * value
            value *= (weighed - count) * scales[feature]
            _add(sums, kind, value, weights, feature)
        for kind in range(2):
            if squares[kind] > 0.0:
                _add(result, text, 1.0 / sqrt(squares[kind]), sums, kind)
        # No feature occurs more often than that.
        base += 2 * (end - begin) + 2
        begin = end
    return result
