"""Folds, calibration and thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from classifier.training.calibration import fit_calibration
from classifier.training.folds import assign_folds
from classifier.training.thresholds import choose_thresholds


@given(st.integers(2, 6), st.integers(0, 99))
def test_an_article_stays_in_one_fold(n_folds, seed):
    """All paragraphs of an article share a fold, and no fold is empty."""
    rng = np.random.default_rng(seed)
    articles = [f"a{i}" for i in rng.integers(0, 30, 200)]
    labelled = rng.random((200, 3)) < 0.2

    folds = assign_folds(labelled, articles, n_folds, seed=seed)

    owners = {}
    for article, fold in zip(articles, folds.tolist(), strict=True):
        assert owners.setdefault(article, fold) == fold
    assert set(folds.tolist()) == set(range(n_folds))


def test_a_rare_issue_is_spread_over_the_folds():
    """Five articles of a rare issue go into five folds, and sizes stay even."""
    articles = [f"a{i:03}" for i in range(100) for _ in range(4)]
    labelled = np.zeros((400, 2), dtype=bool)
    labelled[:20:4, 0] = True  # one paragraph in each of the first five articles
    labelled[::3, 1] = True

    for seed in range(10):
        folds = assign_folds(labelled, articles, 5, seed=seed)
        assert sorted(folds[labelled[:, 0]].tolist()) == [0, 1, 2, 3, 4]
        sizes = np.bincount(folds)
        assert sizes.max() - sizes.min() <= 8


def test_folds_hang_on_the_seed_alone():
    """The same seed gives the same folds, another seed others."""
    articles = [f"a{i % 40}" for i in range(200)]
    labelled = np.random.default_rng(0).random((200, 2)) < 0.3

    first, again, other = (
        assign_folds(labelled, articles, 5, seed=seed) for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


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


ARTICLES = [f"a{i // 4}" for i in range(2000)]


def test_a_threshold_is_as_good_as_the_best_and_not_lower():
    """Its F1 is within the noise of the best, and no lower cut is preferred."""
    rng = np.random.default_rng(7)
    p = rng.random((2000, 1))
    labelled = rng.random((2000, 1)) < p

    (found,) = choose_thresholds(p, labelled, ARTICLES, seed=0)

    f1 = [f1_score(labelled, p >= cut) for cut in np.linspace(0.15, 0.7, 56)]
    best = np.linspace(0.15, 0.7, 56)[int(np.argmax(f1))]
    assert f1_score(labelled, p >= found) > max(f1) - 0.02
    assert best <= found <= best + 0.15


def test_a_clear_cut_is_found_where_it_is():
    """Where labels change at one probability, the threshold lies there."""
    rng = np.random.default_rng(9)
    p = rng.random((2000, 2))
    labelled = np.column_stack([p[:, 0] > 0.6, p[:, 1] > 0.3])

    thresholds = choose_thresholds(p, labelled, ARTICLES, seed=0)

    assert thresholds == pytest.approx([0.6, 0.3], abs=0.02)


def test_rare_issues_share_a_threshold():
    """A handful of labels does not get a threshold of its own."""
    rng = np.random.default_rng(8)
    p = rng.random((2000, 4))
    labelled = rng.random((2000, 4)) < p
    labelled[:, 2:] = False
    labelled[:7, 2] = True
    labelled[5:20, 3] = True

    thresholds = choose_thresholds(p, labelled, ARTICLES, seed=0)

    assert thresholds[2] == thresholds[3]
    assert 0.15 <= thresholds.min() <= thresholds.max() <= 0.7
