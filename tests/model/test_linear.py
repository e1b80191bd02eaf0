"""The linear model equals the scikit-learn pipeline."""

import numpy as np
from conftest import PLACES
from hypothesis import given
from hypothesis import strategies as st

from classifier.corpus.passages import Passages
from classifier.model.linear import quantise

KNOWN = ["Taipei", "strait", "tariffs", "steel", "fentanyl", "pills", "BREAD", *PLACES]
# Texts of any characters, and texts that the model has words for.
ANY_TEXT = st.text(st.characters())
NEWS = st.lists(st.sampled_from(KNOWN) | ANY_TEXT).map(" ".join)


def test_probabilities_are_those_of_the_pipeline(contextual):
    """On any texts in any context tagging computes what scikit-learn computes."""
    model = contextual
    learned = model.linear.learned
    text = ANY_TEXT | NEWS
    rows = st.tuples(text, *[st.none() | text] * 3)

    @given(st.lists(rows, min_size=1, max_size=8))
    def check(rows):
        passages = Passages.gather(*zip(*rows, strict=True))
        expected = model.pipeline.predict_proba(rows)
        found = model.linear.predict_proba(passages)[:, learned]
        assert np.abs(found - expected).max() < 1e-6
        alone = [text for text, *_ in rows]
        found = model.linear.predict_proba(Passages.gather(alone))[:, learned]
        assert np.abs(found - model.pipeline.predict_proba(alone)).max() < 1e-6

    check()


def test_a_batch_is_the_sum_of_its_texts(trained):
    """A paragraph's probabilities do not hang on its company."""
    linear = trained[1].linear
    texts = [
        f"Tariffs and pills near {place} {i}" for i in range(4000) for place in PLACES
    ]
    assert sum(map(len, texts)) > 1_000_000

    together = linear.predict_proba(Passages.gather(texts))

    some = [0, 1, 17, 4321, len(texts) - 1]
    for i in some:
        assert np.array_equal(
            together[i],
            linear.predict_proba(Passages.gather([texts[i]]))[0],
            equal_nan=True,
        )


def test_an_issue_that_is_not_learned_has_no_probability(trained):
    """Its column is NaN, the others are probabilities."""
    linear = trained[1].linear

    found = linear.predict_proba(Passages.gather(["Emissions fell."]))

    assert np.isnan(found[0]).tolist() == [False, False, True, False]
    assert ((found[0, linear.learned] > 0) & (found[0, linear.learned] < 1)).all()


def test_no_texts_give_no_rows(trained):
    """An empty list has an empty answer of the right shape."""
    assert trained[1].linear.predict_proba(Passages.gather([])).shape == (0, 4)


def test_every_feature_is_looked_up(trained):
    """Each hash of the vocabulary is found at its place, any other is not."""
    linear = trained[1].linear

    assert np.array_equal(linear.look_up(linear.hashes), np.arange(linear.n_features))
    assert (linear.look_up(linear.hashes + np.uint64(1)) == -1).all()
    ends = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert (linear.look_up(ends) == -1).all()


def test_rounding_weights_twice_changes_nothing():
    """What is rounded to steps is exact from then on, down to features of no weight."""
    weights = np.random.default_rng(0).normal(size=(500, 21)) ** 3
    weights[7] = 0.0

    scales, steps = quantise(weights)

    rounded = scales[:, np.newaxis].astype(np.float64) * steps
    assert np.abs(steps).max(axis=1)[:7].tolist() == [127] * 7
    assert np.abs(rounded - weights).max() <= scales.max() * 0.51
    again = quantise(rounded)
    assert np.array_equal(again[0], scales)
    assert np.array_equal(again[1], steps)
