"""Text to n-grams."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from classifier.model.analyzer import (
    NGRAM_RANGE,
    TOKEN_PATTERN,
    hash_ngrams,
    hash_vocabulary,
    ngrams,
)

# Any code point, lone surrogates among them.
ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_ngrams_are_those_of_scikit_learn(text):
    """Training and tagging make the same words and pairs of any text."""
    analyze = CountVectorizer(
        ngram_range=NGRAM_RANGE, token_pattern=TOKEN_PATTERN
    ).build_analyzer()

    assert ngrams(text) == analyze(text)


@given(st.lists(ANY_TEXT))
def test_equal_ngrams_have_equal_hashes_and_others_do_not(texts):
    """Hashes stand in the order of the n-grams and tell them apart as strings do."""
    owners, hashes = hash_ngrams(texts)

    for i, text in enumerate(texts):
        own = hashes[owners == i]
        names = ngrams(text)
        assert len(own) == len(names)
        assert len(set(own.tolist())) == len(set(names))
        alone = hash_ngrams([text])[1]
        assert np.array_equal(own, alone)


def test_a_word_of_every_code_point_is_found():
    """The table of word characters agrees with `re` on all of Unicode."""
    codes = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    texts = [f"x {chr(c)} y".lower() for c in codes]
    n_words = [len(re.findall(TOKEN_PATTERN, text)) for text in texts]

    owners, _ = hash_ngrams(texts)

    n_ngrams = np.bincount(owners, minlength=len(texts))
    assert np.array_equal(n_ngrams, 2 * np.array(n_words) - 1)


def test_the_order_of_a_pair_counts():
    """A pair and its reverse are two n-grams, a repeated pair is one."""
    _, hashes = hash_ngrams(["strait taiwan strait taiwan"])

    first, second, again = hashes[4:].tolist()
    assert first == again != second
    assert not {first, second} & set(hashes[:4].tolist())


def test_short_words_and_pairs_are_kept():
    """Single letters count, so that "U.S." is a pair."""
    assert ngrams("The U.S. and Xi") == [
        *("the", "u", "s", "and", "xi"),
        *("the u", "u s", "s and", "and xi"),
    ]


def test_a_vocabulary_is_hashed_as_texts_are():
    """Words and pairs get the hashes that they have in a text."""
    _, hashes = hash_ngrams(["taiwan strait"])

    found = hash_vocabulary(["strait", "taiwan strait", "taiwan"])

    assert found.tolist() == [hashes[1], hashes[2], hashes[0]]


def test_two_ngrams_of_one_hash_are_refused():
    """A vocabulary with a collision does not become a model."""
    with pytest.raises(ValueError, match="share a hash"):
        hash_vocabulary(["taiwan", "taiwan"])
    with pytest.raises(ValueError, match="not a word or a pair of words: 'a-b c'"):
        hash_vocabulary(["a-b c"])
