"""Figures."""

import json

import numpy as np
import pytest
from sklearn import metrics

from classifier.errors import EvaluationError
from classifier.evaluation.bootstrap import ArticleCounts, interval
from classifier.evaluation.labelled import read_labelled
from classifier.evaluation.metrics import (
    Figures,
    average_precision,
    calibration_error,
    measure,
    reliability,
)
from classifier.evaluation.predictions import Predictions


def random_predictions(n=300, n_issues=4, per_article=3):
    """Return random tags, with many equal probabilities."""
    rng = np.random.default_rng(3)
    labelled = rng.random((n, n_issues)) < np.resize([0.5, 0.2, 0.05, 0.3], n_issues)
    drawn = labelled * 0.3 + rng.random((n, n_issues))
    probabilities = np.round(np.clip(drawn, 0, 1), 1)
    return Predictions(
        tuple("wxyz"[:n_issues]),
        tuple(f"a{i // per_article}" for i in range(n)),
        np.arange(n) % per_article + 1,
        labelled,
        probabilities >= 0.6,
        probabilities,
    )


def test_figures_are_those_of_scikit_learn():
    """Precision, recall, F1, average precision and Brier agree on random tags."""
    predictions = random_predictions()
    labelled, tagged = predictions.labelled, predictions.tagged

    found = measure(predictions)

    for average, scores in (("micro", found.micro), ("macro", found.macro)):
        expected = metrics.precision_recall_fscore_support(
            labelled, tagged, average=average
        )
        assert (scores.precision, scores.recall, scores.f1) == pytest.approx(
            expected[:3]
        )
    for i, row in enumerate(found.issues.values()):
        column, p = labelled[:, i], predictions.probabilities[:, i]
        assert row.support == column.sum()
        assert row.f1 == pytest.approx(metrics.f1_score(column, tagged[:, i]))
        assert row.average_precision == pytest.approx(
            metrics.average_precision_score(column, p)
        )
        assert row.brier == pytest.approx(metrics.brier_score_loss(column, p))
        in_articles = np.array(predictions.articles)[column]
        assert row.n_articles == len(set(in_articles.tolist()))
    assert found.average_precision == pytest.approx(
        metrics.average_precision_score(labelled, predictions.probabilities)
    )
    none = ~labelled.any(axis=1)
    assert found.n_none == none.sum()
    assert found.none_tagged == pytest.approx(tagged[none].any(axis=1).mean())
    assert found.n_articles == 100
    assert Figures.from_dict(json.loads(json.dumps(found.to_dict()))).n_measured == 4


def test_pairs_are_counted():
    """What stands together and what is taken for what are counted by issue."""
    labelled = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 0]], dtype=bool)
    tagged = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 1], [1, 0, 1]], dtype=bool)
    predictions = Predictions(
        ("x", "y", "z"), tuple("abcd"), np.ones(4, int), labelled, tagged, tagged * 1.0
    )

    found = measure(predictions)

    assert found.together == {"x": {"y": 2}, "y": {"x": 2}, "z": {}}
    assert found.confused == {"x": {"z": 1}, "y": {"z": 2}, "z": {}}


def test_the_calibration_error_is_the_distance_of_bins_from_the_diagonal():
    """Ten bins of equal count; right probabilities have none, shifted ones theirs."""
    rng = np.random.default_rng(0)
    p = rng.random((20_000, 2))
    truth = rng.random(p.shape) < p

    assert calibration_error(truth, p) < 0.01
    assert calibration_error(truth, p * 0.8) == pytest.approx(0.1, abs=0.01)
    _, _, sizes = reliability(truth, p)
    assert sizes.tolist() == [4000] * 10


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of many samples' 95 % intervals about 95 in 100 hold what all articles give."""
    rng = np.random.default_rng(1)
    inside = 0
    for trial in range(100):
        # Articles whose paragraphs are alike: five copies of one draw each.
        labelled = np.repeat(rng.random((60, 1)) < 0.5, 5, axis=0)
        right = np.repeat(rng.random((60, 1)) < 0.8, 5, axis=0)
        tagged = np.where(right, labelled, ~labelled)
        owners = [f"a{i // 5}" for i in range(300)]
        counts = ArticleCounts.of(labelled, tagged, owners)
        low, high = interval(counts.resampled(seed=trial).recall()[:, 0])
        inside += low <= 0.8 <= high

    assert 88 <= inside <= 100
    # Paragraphs taken for independent would give an interval half as wide.
    alone = ArticleCounts.of(labelled, tagged, [str(i) for i in range(300)])
    low_alone, high_alone = interval(alone.resampled(seed=0).recall()[:, 0])
    assert (high - low) > 1.6 * (high_alone - low_alone)


def test_intervals_enclose_their_figures():
    """Every figure of a sample lies within its own interval."""
    found = measure(random_predictions())

    rows = [*found.issues.values(), found.micro, found.macro, found]
    for row in rows:
        assert row.intervals
        for name, pair in row.intervals.items():
            low, high = pair
            assert low <= getattr(row, name) <= high


def test_an_issue_without_labels_is_not_measured():
    """What nobody labelled is left out of the macro figures, and has no AP."""
    labelled = np.array([[True, False], [False, False]])
    tagged = np.array([[True, True], [False, False]])
    probabilities = np.array([[0.9, np.nan], [0.1, np.nan]])

    found = measure(
        Predictions(
            ("x", "y"), ("a", "b"), np.ones(2, int), labelled, tagged, probabilities
        )
    )

    assert found.n_measured == 1
    assert found.macro.f1 == 1.0
    assert found.micro.precision == 0.5
    assert found.issues["y"].average_precision is None
    assert found.issues["y"].brier is None
    assert not found.issues["x"].is_measurable
    ranked = np.array([0.9, 0.8, 0.7])
    assert average_precision(np.array([False, True, True]), ranked) == pytest.approx(
        (1 / 2 + 2 / 3) / 2
    )


def test_labelled_paragraphs_are_read(tmp_path):
    """Text, issues and article are read; other fields are passed over."""
    path = tmp_path / "x.jsonl"
    rows = [
        {"text": "One.", "issues": ["y"], "article": "a", "previous": None, "id": 1},
        {"text": "Two.", "issues": [], "previous": "One.", "title": "T"},
    ]
    path.write_text("\n\n".join(map(json.dumps, rows)) + "\n")

    found = read_labelled(str(path), ["x", "y"])

    passages = found.passages
    assert [passages.texts[i] for i in passages.paragraphs] == ["One.", "Two."]
    assert [passages.texts[i] for i in passages.context[1, :2]] == ["T", "One."]
    assert passages.present.tolist() == [0, 3]
    assert found.labelled.tolist() == [[False, True], [False, False]]
    assert found.articles[0] == "a"
    assert len(set(found.articles)) == 2


def test_every_bad_line_is_named(tmp_path):
    """All wrong lines are named at once, with what to do."""
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"text": "One.", "issues": ["tade"]}\nno\n[1]\n{"text": 1}\n'
        '{"text": "x", "issues": [], "title": 3}\n{"text": " ", "issues": []}\n'
    )

    with pytest.raises(EvaluationError) as raised:
        read_labelled(str(path), ["trade"])

    lines = [line.split("x.jsonl:")[1] for line in str(raised.value).splitlines()]
    assert lines == [
        "1: unknown issue 'tade' (did you mean 'trade'?)",
        "2: not JSON: one object a line",
        '3: not an object: write {"text": "...", "issues": [...]}',
        "4: 'text' is missing: give the paragraph's text",
        "4: 'issues' is missing: give a list of slugs, [] for none",
        "5: 'title' must be a text or null",
        "6: 'text' is empty: give the paragraph's text, or leave the line out",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\n", "no labelled paragraph in it"), (b"\xff", "not UTF-8")],
)
def test_a_file_without_paragraphs_is_refused(tmp_path, data, message):
    """An empty file or one of another encoding is refused."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(data)

    with pytest.raises(EvaluationError, match=message):
        read_labelled(str(path), ["x"])
    with pytest.raises(EvaluationError, match="cannot read it"):
        read_labelled(str(tmp_path / "gone"), ["x"])
