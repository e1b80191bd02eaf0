"""The quality gate objects to what it should."""

import importlib.util
import json
from pathlib import Path

import pytest

from classifier.training.data import read_training_data

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "quality_gate.py"


@pytest.fixture
def gate(workspace, monkeypatch):
    """Return the script as a module that works on the tiny workspace."""
    spec = importlib.util.spec_from_file_location("quality_gate", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", workspace)
    monkeypatch.setattr(module, "FLOORS", workspace / "floors.json")
    return module


def pinned(gate):
    """Return the floors that are pinned."""
    return json.loads(gate.FLOORS.read_text())


def test_pinned_floors_hold_and_a_lower_figure_does_not(gate, trained):
    """What was pinned passes; a figure below its floor is named."""
    data, figures = gate.read_data(), trained[1].figures
    assert gate.pin(data, figures, None, "") == 0

    assert gate.find_problems(pinned(gate), data, figures, "") == []

    raised = pinned(gate)
    raised["floors"]["micro F1"] = 0.999
    (problem,) = gate.find_problems(raised, data, figures, "")
    assert problem.startswith("micro F1 0.9")
    assert problem.endswith("is below its floor 0.999")


def test_other_labels_and_an_older_version_are_named(gate, trained, workspace):
    """Floors belong to labels and codebook, and the version in use to all inputs."""
    figures = trained[1].figures
    gate.pin(gate.read_data(), figures, None, "")
    path = workspace / "labels.csv"
    path.write_text(path.read_text().replace(",climate,", ",,"))

    corpus = workspace / "corpus"
    data = read_training_data(path, corpus, corpus / "codebook.toml")
    problems = gate.find_problems(pinned(gate), data, figures, "")

    assert "labels changed since the floors were pinned" in problems[0]
    assert "was trained on other labels" in problems[1]


def test_a_floor_falls_with_a_line_in_the_changelog_only(gate, trained, capsys):
    """Lowering takes a flag and a line; a floor edited by hand is found."""
    data, figures = gate.read_data(), trained[1].figures
    gate.pin(data, figures, None, "")
    edited = pinned(gate)
    edited["floors"]["macro F1"] -= 0.1
    (problem,) = gate.find_problems(edited, data, figures, "")
    assert "the floor of macro F1 fell" in problem

    higher = pinned(gate)
    for table in ("floors", "highest"):
        higher[table]["macro F1"] = 1.0
    gate.FLOORS.write_text(json.dumps(higher))
    assert gate.pin(data, figures, None, "Cautious thresholds.") == 1
    assert gate.pin(data, figures, "Not there.", "Cautious thresholds.") == 1
    assert "macro F1 would fall from 1.000" in capsys.readouterr().out
    assert pinned(gate) == higher

    line = "Cautious thresholds."
    assert gate.pin(data, figures, line, f"- {line}\n") == 0
    assert gate.find_problems(pinned(gate), data, figures, f"- {line}\n") == []
    assert gate.find_problems(pinned(gate), data, figures, "")
