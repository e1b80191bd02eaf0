r"""Text to n-grams: the one analyzer that training and tagging share.

A word is a run of ``\w`` in the lower-cased text, a pair or triple two or three
neighbouring words of one text, a fragment a run of 3 to 5 characters within a word,
whose ends count as blanks: ``" tariff "`` has ``" ta"`` and ``"iff "``. Fragments see
what words share: tariff and tariffs, Uyghur and Uighur.

Training counts the strings (`ngrams`, `fragments`); tagging makes 64-bit hashes of all
of them for a whole batch at once (`hash_ngrams`). The hash is a polynomial in an odd
base modulo 2**64, as by Karp and Rabin (1987). One running sum over the batch yields
all of them: the sum over a word or fragment, divided by the base to the power of its
place; the base is odd, so that it has an inverse. A mixing step (the finaliser of
Steele, Lea and Flood's SplitMix, 2014) spreads the result over all bits.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TOKEN_PATTERN = r"(?u)\w+"  # noqa: S105 - a pattern for words, no secret
FRAGMENT_LENGTHS = (3, 4, 5)

_WORD = re.compile(TOKEN_PATTERN)
BLANK = 32
# The n-grams within one of so many blanks.
_N_WITHIN = {0: 1, 1: 3, 2: 6}
BASE = 0x9E3779B97F4A7C15
PAIR = np.uint64(0xD1342543DE82EF95)
SALTS = (
    np.uint64(0x632BE59BD9B4E019),
    np.uint64(0xA0761D6478BD642F),
    np.uint64(0xE7037ED1A0B428DB),
)
MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class Hashed(NamedTuple):
    """The hashes of many texts' n-grams, each with the text that it stands in.

    Attributes
    ----------
    owners : ndarray of shape (n_ngrams,)
        The index of the text.
    hashes : ndarray of shape (n_ngrams,), uint64
        In the order of `ngrams` or of `fragments` where there is one text alone.
    words : ndarray of shape (n_ngrams,)
        The index, among all words of all texts, of the word that a fragment stands in;
        for an n-gram that of its first word.
    """

    owners: NDArray[np.intp]
    hashes: NDArray[np.uint64]
    words: NDArray[np.intp]


def ngrams(text: str) -> list[str]:
    """Return the words, pairs and triples of a text, repeated as they occur.

    Examples
    --------
    >>> ngrams("U.S. tariffs")
    ['u', 's', 'tariffs', 'u s', 's tariffs', 'u s tariffs']
    """
    words = _WORD.findall(text.lower())
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    triples = zip(words, words[1:], words[2:], strict=False)
    return words + pairs + [" ".join(triple) for triple in triples]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return where each word of a text starts and ends.

    Examples
    --------
    >>> word_spans("U.S. aid")
    [(0, 1), (2, 3), (5, 8)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def fragments(text: str) -> list[str]:
    """Return the runs of 3 to 5 characters within the words of a text.

    Examples
    --------
    >>> fragments("US aid")
    [' us', 'us ', ' us ', ' ai', 'aid', 'id ', ' aid', 'aid ', ' aid ']
    """
    padded = [f" {word} " for word in _WORD.findall(text.lower())]
    return [
        word[start : start + length]
        for word in padded
        for length in FRAGMENT_LENGTHS
        for start in range(len(word) - length + 1)
    ]


class Words:
    """The words of many texts, hashed at once.

    Parameters
    ----------
    texts : sequence of str
        Any text; lone surrogates are allowed.

    Attributes
    ----------
    owners : ndarray of shape (n_words,)
        The index of the text that each word stands in, rising.
    hashes : ndarray of shape (n_words,), uint64
        Their hashes.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        codes, text_ends = join_lowered(texts)
        inside = np.zeros(len(codes) + 2, dtype=np.int8)
        inside[1:-1] = word_characters(codes)
        edges = np.flatnonzero(np.diff(inside))
        starts, ends = edges[0::2], edges[1::2]
        self.owners = np.searchsorted(text_ends, starts, side="right")

        # The words alone, one blank before, between and behind them.
        self._lengths = ends - starts
        n_characters = int(self._lengths.sum()) + len(starts) + 1
        stream = np.full(n_characters, BLANK, dtype=np.uint64)
        behind = np.cumsum(self._lengths + 1)
        is_blank = np.zeros(len(stream), dtype=bool)
        is_blank[0] = True
        is_blank[behind] = True
        stream[~is_blank] = codes[inside[1:-1] != 0]
        powers, self._inverses = _powers(len(stream))
        self._sums = np.zeros(len(stream) + 1, dtype=np.uint64)
        np.cumsum(stream * powers, out=self._sums[1:])
        self._places = behind - self._lengths
        self.hashes = _mix(self._hash(self._places, behind))

    def ngrams(self) -> Hashed:
        """Return all words first, then all pairs, then all triples."""
        singles = self.hashes
        neighbours = np.flatnonzero(self.owners[1:] == self.owners[:-1])
        pairs = _mix(singles[neighbours] * PAIR + singles[neighbours + 1] + SALTS[0])
        # A triple is a pair and the word behind its second one.
        is_first = np.flatnonzero(np.diff(neighbours) == 1)
        thirds = singles[neighbours[is_first] + 2]
        triples = _mix(pairs[is_first] * PAIR + thirds + SALTS[2])
        numbers = np.concatenate(
            [np.arange(len(singles)), neighbours, neighbours[is_first]]
        )
        hashes = np.concatenate([singles, pairs, triples])
        return Hashed(self.owners[numbers], hashes, numbers)

    def fragments(self, words: NDArray[np.intp]) -> Hashed:
        """Return the fragments of some words, given by their indices, word by word."""
        # A row for each word and length of fragments. A fragment may begin and end with
        # a blank.
        lengths = np.tile(FRAGMENT_LENGTHS, len(words))
        n_fragments = np.repeat(self._lengths[words] + 3, len(FRAGMENT_LENGTHS))
        n_fragments = np.maximum(n_fragments - lengths, 0)
        first = np.repeat(self._places[words] - 1, len(FRAGMENT_LENGTHS))
        begins = spread(first, n_fragments)
        hashes = self._hash(begins, begins + np.repeat(lengths, n_fragments))
        within = np.repeat(np.repeat(words, len(FRAGMENT_LENGTHS)), n_fragments)
        return Hashed(self.owners[within], _mix(hashes ^ SALTS[1]), within)

    def _hash(
        self, begins: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> NDArray[np.uint64]:
        """Return the polynomial hashes of stretches of the stream."""
        return (self._sums[ends] - self._sums[begins]) * self._inverses[begins]


def join_lowered(
    texts: Sequence[str],
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Join texts, in lower case, into one array of code points.

    Returns
    -------
    codes : ndarray of shape (n_characters,)
        Behind each text but the last stands a line end.
    text_ends : ndarray of shape (n_texts,)
        Where each text ends, its line end included.
    """
    lowered = [text.lower() for text in texts]
    joined = "\n".join(lowered)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    sizes = np.fromiter(map(len, lowered), dtype=np.intp, count=len(lowered))
    return codes, np.minimum(np.cumsum(sizes + 1), len(codes))


def spread(starts: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the numbers of many ranges, one after the other.

    Examples
    --------
    >>> spread(np.array([7, 1]), np.array([2, 3])).tolist()
    [7, 8, 1, 2, 3]
    """
    ends = np.cumsum(sizes)
    return np.repeat(starts - ends + sizes, sizes) + np.arange(sizes.sum())


def hash_ngrams(texts: Sequence[str]) -> tuple[Hashed, Hashed]:
    """Hash the n-grams of many texts at once.

    Parameters
    ----------
    texts : sequence of str
        Any text; lone surrogates are allowed.

    Returns
    -------
    ngrams, fragments : Hashed
        All of them, as often as they occur.
    """
    words = Words(texts)
    return words.ngrams(), words.fragments(np.arange(len(words.hashes)))


def hash_vocabulary(
    ngrams: Sequence[str], fragments: Sequence[str]
) -> NDArray[np.uint64]:
    """Hash the entries of a vocabulary.

    Parameters
    ----------
    ngrams : sequence of str
        Words, and pairs and triples with one blank between.
    fragments : sequence of str
        Runs of characters, blanks standing for the ends of a word.

    Returns
    -------
    ndarray of shape (n_ngrams + n_fragments,)
        In the order given.

    Raises
    ------
    ValueError
        If an entry is no n-gram or fragment, or two of them share a hash.
    """
    found, _ = hash_ngrams(ngrams)
    # A word is one n-gram, a pair three, a triple six, of which the last is its own.
    sizes = np.bincount(found.owners, minlength=len(ngrams))
    expected = [_N_WITHIN.get(ngram.count(" "), 0) for ngram in ngrams]
    if not np.array_equal(sizes, expected):
        wrong = ngrams[int(np.flatnonzero(sizes != expected)[0])]
        message = f"not one to three words: {wrong!r}"
        raise ValueError(message)
    result = np.empty(len(ngrams) + len(fragments), dtype=np.uint64)
    result[found.owners] = found.hashes  # the longest stand last, so theirs are kept
    result[len(ngrams) :] = [_hash_fragment(fragment) for fragment in fragments]
    if len(np.unique(result)) != len(result):
        message = "two entries of the vocabulary share a hash"
        raise ValueError(message)
    return result


def _hash_fragment(fragment: str) -> int:
    """Hash one fragment, as `hash_ngrams` does all of them at once."""
    if len(fragment) not in FRAGMENT_LENGTHS:
        message = f"not a fragment of a word: {fragment!r}"
        raise ValueError(message)
    total = sum(ord(c) * pow(BASE, i, 1 << 64) for i, c in enumerate(fragment))
    return int(_mix(np.array([total % (1 << 64)], dtype=np.uint64) ^ SALTS[1])[0])


def _mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread each hash over all its bits."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * MIX[0]
    hashes = (hashes ^ (hashes >> np.uint64(27))) * MIX[1]
    return hashes ^ (hashes >> np.uint64(31))


class _Tables:
    """Tables that grow with the texts met: most news needs few of their entries."""

    is_word: NDArray[np.int8] = np.zeros(0, dtype=np.int8)
    powers: NDArray[np.uint64] = np.ones(1, dtype=np.uint64)
    inverses: NDArray[np.uint64] = np.ones(1, dtype=np.uint64)


def word_characters(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
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
        for name, base in (("powers", BASE), ("inverses", pow(BASE, -1, 1 << 64))):
            factors = np.full(size, base, dtype=np.uint64)
            factors[0] = 1
            setattr(_Tables, name, np.cumprod(factors))
    return _Tables.powers[:n], _Tables.inverses[:n]
