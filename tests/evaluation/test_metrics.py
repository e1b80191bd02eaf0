"""Figures."""

import json

import numpy as np
import pytest
from sklearn import metrics

from classifier.errors import EvaluationError
from classifier.evaluation.labelled import read_labelled
from classifier.evaluation.metrics import Figures, average_precision, measure


def test_figures_are_those_of_scikit_learn():
    """Precision, recall, F1, average precision and Brier agree on random tags."""
    rng = np.random.default_rng(3)
    labelled = rng.random((300, 4)) < [0.5, 0.2, 0.05, 0.3]
    # Rounded, so that many probabilities are equal.
    probabilities = np.round(np.clip(labelled * 0.3 + rng.random((300, 4)), 0, 1), 1)
    tagged = probabilities >= 0.6
    articles = [f"a{i // 3}" for i in range(300)]

    found = measure(labelled, tagged, probabilities, articles, list("wxyz"))

    for average, scores in (("micro", found.micro), ("macro", found.macro)):
        expected = metrics.precision_recall_fscore_support(
            labelled, tagged, average=average
        )
        assert (scores.precision, scores.recall, scores.f1) == pytest.approx(
            expected[:3]
        )
    for i, row in enumerate(found.issues.values()):
        column, p = labelled[:, i], probabilities[:, i]
        assert row.support == column.sum()
        assert row.f1 == pytest.approx(metrics.f1_score(column, tagged[:, i]))
        assert row.average_precision == pytest.approx(
            metrics.average_precision_score(column, p)
        )
        assert row.brier == pytest.approx(metrics.brier_score_loss(column, p))
        assert row.n_articles == len(
            {a for a, y in zip(articles, column, strict=True) if y}
        )
    none = ~labelled.any(axis=1)
    assert found.n_none == none.sum()
    assert found.none_tagged == pytest.approx(tagged[none].any(axis=1).mean())
    assert found.n_articles == 100
    assert Figures.from_dict(json.loads(json.dumps(found.to_dict()))).n_measured == 4


def test_an_issue_without_labels_is_not_measured():
    """What nobody labelled is left out of the macro figures, and has no AP."""
    labelled = np.array([[True, False], [False, False]])
    tagged = np.array([[True, True], [False, False]])
    probabilities = np.array([[0.9, 0.8], [0.1, np.nan]])

    found = measure(labelled, tagged, probabilities, ["a", "b"], ["x", "y"])

    assert found.n_measured == 1
    assert found.macro.f1 == 1.0
    assert found.micro.precision == 0.5
    assert found.issues["y"].average_precision is None
    assert found.issues["y"].brier is None


def test_equal_probabilities_share_a_rank():
    """Ties give the same average precision in whatever order they stand."""
    labelled = np.array([True, False, True, False])
    p = np.full(4, 0.5)

    assert average_precision(labelled, p) == average_precision(labelled[::-1], p) == 0.5


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
        '{"text": "x", "issues": [], "title": 3}\n'
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
