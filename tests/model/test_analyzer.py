"""Text to n-grams."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from classifier.model.analyzer import (
    TOKEN_PATTERN,
    fragments,
    hash_ngrams,
    hash_vocabulary,
    ngrams,
)

# Any code point, lone surrogates among them.
ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_ngrams_are_those_of_scikit_learn(text):
    """Training and tagging make the same words, pairs and triples of any text."""
    analyze = CountVectorizer(
        ngram_range=(1, 3), token_pattern=TOKEN_PATTERN
    ).build_analyzer()

    assert ngrams(text) == analyze(text)


@given(ANY_TEXT)
def test_fragments_are_those_of_scikit_learn(text):
    """Fragments are scikit-learn's characters within words, the words being ours."""
    words = re.findall(TOKEN_PATTERN, text.lower())
    analyze = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5)).build_analyzer()

    assert Counter(fragments(text)) == Counter(analyze(" ".join(words)))


@given(st.lists(ANY_TEXT))
def test_equal_ngrams_have_equal_hashes_and_others_do_not(texts):
    """Hashes stand in the order of the strings and tell them apart as strings do."""
    both, pieces = hash_ngrams(texts)

    for i, text in enumerate(texts):
        for part, alone, names in zip(
            (both, pieces),
            hash_ngrams([text]),
            (ngrams(text), fragments(text)),
            strict=True,
        ):
            own = part.hashes[part.owners == i]
            assert np.array_equal(own, alone.hashes)
            assert len(own) == len(names)
            by_name = dict(zip(names, own.tolist(), strict=True))
            assert [by_name[name] for name in names] == own.tolist()
            assert len(set(own.tolist())) == len(by_name)


@given(ANY_TEXT)
def test_a_fragment_knows_its_word(text):
    """Every fragment is a part of the word that it is said to stand in."""
    words = ngrams(text)

    _, pieces = hash_ngrams([text])

    for fragment, place in zip(fragments(text), pieces.words.tolist(), strict=True):
        assert fragment in f" {words[place]} "


def test_a_word_of_every_code_point_is_found():
    """The table of word characters agrees with `re` on all of Unicode."""
    codes = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    texts = [f"x {chr(c)} y".lower() for c in codes]
    n_words = [len(re.findall(TOKEN_PATTERN, text)) for text in texts]

    both, _ = hash_ngrams(texts)

    n_ngrams = np.bincount(both.owners, minlength=len(texts))
    # Of n words there are n - 1 pairs and n - 2 triples; here n is 2 or 3.
    assert np.array_equal(n_ngrams, 3 * np.array(n_words) - 3)


def test_the_order_of_words_counts():
    """A pair and its reverse are two n-grams, a repeated pair is one; so triples."""
    found, _ = hash_ngrams(["strait taiwan strait taiwan", "taiwan taiwan strait"])

    hashes = found.hashes[found.owners == 0]
    first, second, again = hashes[4:7].tolist()
    assert first == again != second
    triples = {*hashes[7:].tolist(), *found.hashes[found.owners == 1][5:].tolist()}
    assert len(triples) == 3
    assert not {first, second, *triples} & set(hashes[:4].tolist())


def test_short_words_and_pairs_are_kept():
    """Single letters count, so that "U.S." is a pair."""
    assert ngrams("The U.S. and Xi") == [
        *("the", "u", "s", "and", "xi"),
        *("the u", "u s", "s and", "and xi"),
        *("the u s", "u s and", "s and xi"),
    ]


def test_a_vocabulary_is_hashed_as_texts_are():
    """Words, pairs and fragments get the hashes that they have in a text."""
    whole, pieces = hash_ngrams(["taiwan strait"])
    names = sorted(set(fragments("taiwan strait")))
    triple, _ = hash_ngrams(["the taiwan strait"])

    found = hash_vocabulary(
        ["strait", "taiwan strait", "taiwan", "the taiwan strait"], names
    )

    hashes = whole.hashes
    assert found[:3].tolist() == [hashes[1], hashes[2], hashes[0]]
    assert found[3] == triple.hashes[-1]
    of_texts = dict(
        zip(fragments("taiwan strait"), pieces.hashes.tolist(), strict=True)
    )
    assert found[4:].tolist() == [of_texts[name] for name in names]


def test_what_is_no_vocabulary_is_refused():
    """A collision, or an entry that no text could hold, does not become a model."""
    with pytest.raises(ValueError, match="share a hash"):
        hash_vocabulary(["taiwan", "taiwan"], [])
    for wrong in ("a-b c", "a b c d", "", "a  b"):
        with pytest.raises(ValueError, match=f"not one to three words: '{wrong}'"):
            hash_vocabulary([wrong], [])
    with pytest.raises(ValueError, match="not a fragment of a word: 'ab'"):
        hash_vocabulary([], ["ab"])
