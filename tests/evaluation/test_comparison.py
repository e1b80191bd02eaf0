"""Two models on the same paragraphs."""

import numpy as np
import pytest

from classifier.errors import EvaluationError
from classifier.evaluation.comparison import compare
from classifier.evaluation.predictions import Predictions


def predictions(share_right, *, issues=("x", "y"), n=600, seed=0, labelled=None):
    """Return predictions of which a share is right, six paragraphs an article."""
    rng = np.random.default_rng(seed)
    truth = np.random.default_rng(99).random((n, len(issues))) < 0.3
    truth = truth if labelled is None else labelled
    right = rng.random(truth.shape) < share_right
    tagged = np.where(right, truth, ~truth)
    return Predictions(
        issues,
        tuple(f"a{i // 6}" for i in range(n)),
        np.arange(n) % 6 + 1,
        truth,
        tagged,
        np.where(tagged, 0.8, 0.2),
        tuple(f"{i:012x}" for i in range(n)),
    )


def test_a_better_model_is_better_and_the_other_way_round_worse():
    """The sign, the intervals and the verdict change places."""
    poor, good = predictions(0.8), predictions(0.95, seed=1)

    up, down = compare(poor, good), compare(good, poor)

    assert up.micro.is_better
    assert not up.is_worse
    assert down.is_worse
    assert up.micro.value == pytest.approx(-down.micro.value)
    low, high = up.macro.interval
    assert low < up.macro.value < high
    assert up.first.micro.f1 == down.second.micro.f1


def test_models_that_are_alike_are_not_told_apart():
    """Two models as good as each other differ by noise alone."""
    first, second = predictions(0.9, seed=1), predictions(0.9, seed=2)

    found = compare(first, second)

    assert not found.is_worse
    assert not found.micro.is_better
    same = compare(first, first)
    assert same.micro.value == 0
    assert same.micro.interval == (0, 0)


def test_only_what_both_know_is_compared():
    """Paragraphs are matched by article and text, issues by slug, labels are new."""
    first = predictions(0.9, issues=("x", "y"))
    second = predictions(0.9, issues=("y", "z"))
    second.probabilities[:, 1] = np.nan
    # The later set has other paragraphs before: the places differ, the texts do not.
    second = second.take(range(300, 600), [0, 1])
    moved = Predictions(
        second.issues,
        second.articles,
        second.numbers + 7,
        ~second.labelled,
        second.tagged,
        second.probabilities,
        second.digests,
    )

    found = compare(first, moved)

    assert found.first.n_paragraphs == 300
    assert list(found.issues) == ["y"]
    assert found.only_first == ("x",)
    assert found.only_second == ()
    tagged = first.tagged[300:, 1]
    truth = moved.labelled[:, 0]
    assert found.first.issues["y"].precision == pytest.approx(truth[tagged].mean())


def test_nothing_in_common_is_said():
    """Without a common paragraph or issue there is nothing to compare by."""
    first = predictions(0.9)
    other = first.take(range(600), [0, 1])
    elsewhere = Predictions(
        other.issues,
        tuple(f"b{i}" for i in range(600)),
        other.numbers,
        other.labelled,
        other.tagged,
        other.probabilities,
        other.digests,
    )

    with pytest.raises(EvaluationError, match="no paragraph in common"):
        compare(first, elsewhere)
    with pytest.raises(EvaluationError, match="no learned issue in common"):
        compare(first, predictions(0.9, issues=("v", "w")))


def test_labels_that_went_bad_are_seen():
    """Labels of chance make both models alike by them, but not by their own."""
    rng = np.random.default_rng(5)
    good = predictions(0.95)
    bad = predictions(0.3, labelled=rng.random(good.labelled.shape) < 0.3)

    found = compare(good, bad)

    assert found.own.is_worse
    assert found.is_worse
    assert found.n_relabelled > 100
    assert compare(good, good).n_relabelled == 0
