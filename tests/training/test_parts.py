"""Calibration, thresholds, context and the codebook's words."""

import numpy as np
import pytest
from sklearn.metrics import fbeta_score

from classifier.codebook import Codebook, Issue
from classifier.training.calibration import fit_calibration
from classifier.training.context import choose_context
from classifier.training.decision import Evidence
from classifier.training.prior import codebook_texts
from classifier.training.thresholds import choose_thresholds


def test_calibrated_probabilities_match_frequencies():
    """The sigmoid that made the labels is found again, issue by issue."""
    rng = np.random.default_rng(5)
    scores = rng.normal(0, 2, (20_000, 2))
    true_slopes, true_intercepts = np.array([1.5, 0.5]), np.array([-2.0, 1.0])
    p = 1 / (1 + np.exp(-(scores * true_slopes + true_intercepts)))
    labelled = rng.random(p.shape) < p

    slopes, intercepts = fit_calibration(scores, labelled)

    assert slopes == pytest.approx(true_slopes, abs=0.08)
    assert intercepts == pytest.approx(true_intercepts, abs=0.08)


def test_few_positives_share_a_slope():
    """An issue with few labels gets the slope of all, and an intercept of its own."""
    rng = np.random.default_rng(6)
    scores = rng.normal(0, 2, (1000, 3))
    labelled = rng.random((1000, 3)) < 1 / (1 + np.exp(-scores))
    labelled[:, 2] = False
    labelled[np.argsort(scores[:, 2])[-5:], 2] = True  # perfectly parted

    slopes, intercepts = fit_calibration(scores, labelled)

    assert 0.3 < slopes[2] < 1.5
    own = 1 / (1 + np.exp(-(scores[:, 2] * slopes[2] + intercepts[2])))
    assert own.sum() == pytest.approx(5, abs=2)


def test_scores_that_part_the_labels_stay_finite():
    """A perfect or an empty issue gives finite numbers and a rising sigmoid."""
    scores = np.linspace(-3, 3, 100)[:, np.newaxis] * [1, 1, -1]
    labelled = np.zeros((100, 3), dtype=bool)
    labelled[50:, 0] = True
    labelled[50:, 2] = True  # scores that say the opposite

    slopes, intercepts = fit_calibration(scores, labelled)

    assert np.isfinite(slopes).all()
    assert np.isfinite(intercepts).all()
    assert (slopes > 0).all()


@pytest.mark.parametrize("beta", [1.0, 0.5])
def test_a_threshold_is_where_f_is_best(beta):
    """On probabilities that hold, no other threshold has a better F-beta."""
    rng = np.random.default_rng(7)
    p = np.column_stack([rng.random(20_000), rng.beta(0.2, 2, 20_000)])
    labelled = rng.random(p.shape) < p

    thresholds = choose_thresholds(p, beta)

    for column, found in enumerate(thresholds.tolist()):
        truth, own = labelled[:, column], p[:, column]
        cuts = np.linspace(0.15, 0.7, 56)
        best = max(fbeta_score(truth, own >= cut, beta=beta) for cut in cuts)
        assert fbeta_score(truth, own >= found, beta=beta) > best - 0.01


def test_thresholds_stay_within_bounds():
    """Where probabilities tell nothing a tag still takes a reason."""
    p = np.column_stack([np.full(100, 0.02), np.linspace(0.9, 1.0, 100)])

    assert choose_thresholds(p, 1.0).tolist() == [0.15, 0.7]


def evidence_of(own, context, present=7):
    """Return evidence of one issue, whose contexts are all alike."""
    parts = np.stack([own, context, context, context])[:, :, np.newaxis]
    return Evidence(parts, np.full(len(own), present))


def test_context_counts_as_far_as_it_tells():
    """A telling neighbour gets the weight that it has; one of noise gets none."""
    rng = np.random.default_rng(4)
    own, before, noise = rng.normal(0, 2, (3, 4000))
    p = 1 / (1 + np.exp(-(own + 0.3 * before - 1)))
    labelled = (rng.random(4000) < p)[:, np.newaxis]
    articles = np.array([f"a{i // 8}" for i in range(4000)])
    parts = np.stack([own, noise, before, noise])[:, :, np.newaxis]

    found = choose_context(
        Evidence(parts, np.full(4000, 7)), labelled, articles, seed=0
    )

    assert found == pytest.approx((0, 0.3, 0), abs=0.06)
    silent = evidence_of(own, noise)
    assert choose_context(silent, labelled, articles, seed=0) == (0.0, 0.0, 0.0)
    absent = evidence_of(own, np.zeros(4000), present=0)
    assert choose_context(absent, labelled, articles, seed=0) == (0.0, 0.0, 0.0)


def test_the_codebooks_words_carry_their_issue():
    """Name, definition, inclusions and all terms are texts of their issue alone."""
    book = Codebook(
        (
            Issue("a", "Alpha", "About a.", ("one", "two")),
            Issue("b", "Beta", "About b."),
            Issue("c", "Gamma", "About c.", terms=tuple(f"t{i}" for i in range(12))),
        )
    )

    texts, labelled = codebook_texts(book, [0, 2])

    assert texts[:4] == ["Alpha", "About a.", "one", "two"]
    assert labelled.sum(axis=0).tolist() == [4, 5]
    assert texts[4:6] == ["Gamma", "About c."]
    words = " ".join(texts[6:]).replace(".", "").split()
    assert sorted(words) == sorted(book["c"].terms)
    assert max(len(text.split(". ")) for text in texts[6:]) <= 5
