"""The linear model's evidence in one compiled loop, for large inputs.

The same sums as `linear.LinearModel.evidence`, a character at a time and without arrays
in between. It needs numba, which the extra ``fast`` installs; its code is compiled once
and kept beside this file, or where ``NUMBA_CACHE_DIR`` says.
"""

from __future__ import annotations

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


def evidence(model: LinearModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return what each text by itself says for the issues.

    Returns
    -------
    ndarray of shape (n_texts, n_learned)
        In log-odds, without the intercept.
    """
    codes, text_ends = join_lowered(texts)
    starts, shift = model.buckets
    return _sum_up(
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
        np.asarray(model.weights),
    )


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
    counts: NDArray[np.int32],
    touched: NDArray[np.int32],
    n_touched: int,
) -> int:
    """Count a feature and return how many have been met."""
    # Without a branch, which would be mispredicted half of the time.
    touched[n_touched] = feature
    count = counts[feature]
    counts[feature] = count + 1
    return n_touched + int(count == 0)


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
    n_features, n_learned = weights.shape
    result = np.zeros((len(text_ends), n_learned))
    counts = np.zeros(n_features, dtype=np.int32)
    touched = np.empty(n_features + 1, dtype=np.int32)
    sums = np.empty((2, n_learned))
    squares = np.empty(2)
    # The fragments of a word that the model knows are found once. They stand in `found`
    # from its second place on, so that the end of what was found is never 0.
    found = np.empty(1 << 16, dtype=np.int32)
    n_found = 1
    known_from = np.zeros(n_features, dtype=np.int32)
    known_to = np.zeros(n_features, dtype=np.int32)
    begin = 0
    for text in range(len(text_ends)):
        end = text_ends[text]
        n_touched = 0
        n_words = 0
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
            word = _look_up(single, hashes, starts, shift)
            if word >= 0:
                n_touched = _count(word, counts, touched, n_touched)
            if n_words > 1:
                pair = _mix(last * PAIR + single + _PAIR_SALT)
                feature = _look_up(pair, hashes, starts, shift)
                if feature >= 0:
                    n_touched = _count(feature, counts, touched, n_touched)
                if n_words > 2:  # noqa: PLR2004 - a triple
                    triple = _mix(last_pair * PAIR + single + _TRIPLE_SALT)
                    feature = _look_up(triple, hashes, starts, shift)
                    if feature >= 0:
                        n_touched = _count(feature, counts, touched, n_touched)
                last_pair = pair
            last = single
            if word >= 0 and known_to[word]:
                of_word, behind_word = known_from[word], known_to[word]
            else:
                room = len(FRAGMENT_LENGTHS) * (place - first + 2) + 1
                if n_found + room > len(found):
                    grown = np.empty(2 * len(found) + room, dtype=np.int32)
                    grown[:n_found] = found[:n_found]
                    found = grown
                of_word = n_found
                behind_word = n_found + _find_fragments(
                    codes, first, place, hashes, starts, shift, found[n_found:]
                )
                if word >= 0:
                    known_from[word], known_to[word] = of_word, behind_word
                    n_found = behind_word
            for i in range(of_word, behind_word):
                n_touched = _count(found[i], counts, touched, n_touched)
        sums[:] = 0.0
        squares[:] = 0.0
        for i in range(n_touched):
            feature = touched[i]
            value = (1.0 + log(counts[feature])) * idf[feature]
            counts[feature] = 0
            kind = int(is_fragment[feature])
            squares[kind] += value * value
            value *= scales[feature]
            for issue in range(n_learned):
                sums[kind, issue] += value * weights[feature, issue]
        for kind in range(2):
            if squares[kind] > 0.0:
                length = sqrt(squares[kind])
                for issue in range(n_learned):
                    result[text, issue] += sums[kind, issue] / length
        begin = end
    return result
