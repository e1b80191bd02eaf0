r"""Text to n-grams: the one analyzer that training and tagging share.

A word is a run of ``\w`` in the lower-cased text, a pair two neighbouring words of one
text. Training hands `TOKEN_PATTERN` to scikit-learn, which makes strings of them;
tagging makes 64-bit hashes of all words of a batch at once (`hash_ngrams`).

The hash of a word is a polynomial in an odd base modulo 2**64, as by Karp and Rabin
(1987). One running sum over the batch yields all of them: the sum over a word, divided
by the base to the power of the word's place; the base is odd, so that it has an
inverse. A mixing step (the finaliser of Steele, Lea and Flood's SplitMix, 2014) spreads
the result over all bits.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TOKEN_PATTERN = r"(?u)\w+"  # noqa: S105 - a pattern for words, no secret
NGRAM_RANGE = (1, 2)

_WORD = re.compile(TOKEN_PATTERN)
_BASE = 0x9E3779B97F4A7C15
_PAIR = np.uint64(0xD1342543DE82EF95)
_SALT = np.uint64(0x632BE59BD9B4E019)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def ngrams(text: str) -> list[str]:
    """Return the words and then the pairs of a text, repeated as they occur.

    Examples
    --------
    >>> ngrams("U.S. tariffs")
    ['u', 's', 'tariffs', 'u s', 's tariffs']
    """
    words = _WORD.findall(text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def hash_ngrams(
    texts: Sequence[str],
) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """Hash the n-grams of many texts at once.

    Parameters
    ----------
    texts : sequence of str
        Any text; lone surrogates are allowed.

    Returns
    -------
    owners : ndarray of shape (n_ngrams,)
        The index of the text that each n-gram stands in.
    hashes : ndarray of shape (n_ngrams,)
        All words first and then all pairs, both in the order in which they stand; for
        a single text the order of `ngrams`.
    """
    lowered = [text.lower() for text in texts]
    joined = "\n".join(lowered)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    inside = np.zeros(len(codes) + 2, dtype=np.int8)
    inside[1:-1] = _word_characters(codes)
    edges = np.flatnonzero(np.diff(inside))
    starts, ends = edges[0::2], edges[1::2]

    powers, inverses = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * powers, out=sums[1:])
    words = _mix((sums[ends] - sums[starts]) * inverses[starts])

    lengths = np.fromiter(map(len, lowered), dtype=np.intp, count=len(lowered))
    text_ends = np.cumsum(lengths + 1)
    owners = np.searchsorted(text_ends, starts, side="right")
    neighbours = owners[1:] == owners[:-1]
    pairs = _mix(words[:-1] * _PAIR + words[1:] + _SALT)[neighbours]
    return (
        np.concatenate([owners, owners[:-1][neighbours]]),
        np.concatenate([words, pairs]),
    )


def hash_vocabulary(vocabulary: Sequence[str]) -> NDArray[np.uint64]:
    """Hash the n-grams of a vocabulary.

    Returns
    -------
    ndarray of shape (n_features,)
        In the order given.

    Raises
    ------
    ValueError
        If an entry is no n-gram, or two of them share a hash.
    """
    owners, hashes = hash_ngrams(vocabulary)
    # A word is one n-gram, a pair is three of which the last is its own.
    sizes = np.bincount(owners, minlength=len(vocabulary))
    expected = [1 + 2 * ngram.count(" ") for ngram in vocabulary]
    if not np.array_equal(sizes, expected):
        wrong = vocabulary[int(np.flatnonzero(sizes != expected)[0])]
        message = f"not a word or a pair of words: {wrong!r}"
        raise ValueError(message)
    result = np.empty(len(vocabulary), dtype=np.uint64)
    result[owners] = hashes  # pairs stand behind words, so theirs are kept
    if len(np.unique(result)) != len(result):
        message = "two n-grams of the vocabulary share a hash"
        raise ValueError(message)
    return result


def _mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread each hash over all its bits."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _MIX[0]
    hashes = (hashes ^ (hashes >> np.uint64(27))) * _MIX[1]
    return hashes ^ (hashes >> np.uint64(31))


class _Tables:
    """Tables that grow with the texts met: most news needs few of their entries."""

    is_word: NDArray[np.int8] = np.zeros(0, dtype=np.int8)
    powers: NDArray[np.uint64] = np.ones(1, dtype=np.uint64)
    inverses: NDArray[np.uint64] = np.ones(1, dtype=np.uint64)


def _word_characters(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
    r"""Tell which code points `re` counts as ``\w``, 1 or 0."""
    top = int(codes.max(initial=0))
    table = _Tables.is_word
    if top >= len(table):
        # 0x2100 covers Latin, Greek, Cyrillic and the punctuation of the news, in a
        # third of a millisecond; the whole of Unicode takes fifty.
        size = 0x2100 if top < 0x2100 else 1 << top.bit_length()  # noqa: PLR2004
        size = min(size, 0x110000)
        table = np.fromiter(map(str.isalnum, map(chr, range(size))), np.int8, size)
        table[ord("_")] = 1
        _Tables.is_word = table
    return table[codes]


def _powers(n: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the first `n` powers of the base and of its inverse, modulo 2**64."""
    if n > len(_Tables.powers):
        size = 1 << n.bit_length()
        for name, base in (("powers", _BASE), ("inverses", pow(_BASE, -1, 1 << 64))):
            factors = np.full(size, base, dtype=np.uint64)
            factors[0] = 1
            setattr(_Tables, name, np.cumprod(factors))
    return _Tables.powers[:n], _Tables.inverses[:n]
