"""Hold the model's quality: measure out-of-fold anew and compare with pinned floors.

``check`` trains on the labels, corpus and codebook of this repository, measures
out-of-fold, and fails where a figure is below its floor, where labels or codebook are
not those that the floors were pinned for, or where the version in use was trained on
others. ``pin`` measures and writes the floors anew, a little below what was measured. A
floor that would fall is refused without ``--lower LINE``, and LINE has to stand in the
changelog.

usage: python scripts/quality_gate.py check|pin [--lower LINE]
"""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from classifier.evaluation.metrics import Figures
from classifier.files import replace_file
from classifier.model.store import ModelStore
from classifier.training.data import TrainingData, read_training_data
from classifier.training.settings import TrainingSettings
from classifier.training.train import measure_out_of_fold

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "scripts" / "quality_floors.json"
# Other versions of the libraries move a figure in its third decimal.
MARGINS = {
    "micro F1": 0.005,
    "macro F1": 0.005,
    "average precision": 0.005,
    "paragraphs with no issue left alone": 0.01,
    "1 - calibration error": 0.005,
}
ISSUE_MARGIN = 0.03


def read_data() -> TrainingData:
    """Read the repository's labels, corpus and codebook."""
    corpus = ROOT / "corpus"
    return read_training_data(ROOT / "labels.csv", corpus, corpus / "codebook.toml")


def to_floors(figures: Figures) -> dict[str, float]:
    """Return what the figures must not fall below."""
    floors = {
        name: value - (ISSUE_MARGIN if name.startswith("F1 ") else MARGINS[name])
        for name, value in measured(figures).items()
    }
    return {n: max(0.0, math.floor(1000 * value) / 1000) for n, value in floors.items()}


def measured(figures: Figures) -> dict[str, float]:
    """Return the figures under the names of their floors; all rise when better."""
    return {
        "micro F1": figures.micro.f1,
        "macro F1": figures.macro.f1,
        "average precision": figures.average_precision or 0.0,
        "paragraphs with no issue left alone": 1 - figures.none_tagged,
        "1 - calibration error": 1 - (figures.calibration_error or 0.0),
        **{f"F1 {slug}": row.f1 for slug, row in figures.issues.items()},
    }


def inputs(data: TrainingData) -> dict[str, str]:
    """Return the digests that floors are pinned for."""
    return {name: data.digests[name] for name in ("labels", "codebook")}


def find_problems(
    pinned: dict[str, Any], data: TrainingData, figures: Figures, changelog: str
) -> list[str]:
    """Return what the gate has to object to."""
    problems = [
        f"{name} changed since the floors were pinned: run 'quality_gate.py pin'"
        for name, digest in inputs(data).items()
        if pinned["inputs"][name] != digest
    ]
    found = measured(figures)
    problems += [
        f"{name} {found.get(name, 0.0):.3f} is below its floor {floor:.3f}"
        for name, floor in pinned["floors"].items()
        if found.get(name, 0.0) < floor
    ]
    # What was highest stays written down, so that no floor falls unnoticed.
    problems += [
        f"the floor of {name} fell from {highest:.3f} to "
        f"{pinned['floors'].get(name, 0.0):.3f} without a line in the changelog"
        for name, highest in pinned["highest"].items()
        if pinned["floors"].get(name, 0.0) < highest
        and pinned["lowered"].get(name, "\0") not in changelog
    ]
    in_use = ModelStore(ROOT / "models").read()
    if in_use.manifest["inputs"] != data.digests:
        problems.append(
            f"{in_use.name}, the version in use, was trained on other labels, corpus "
            "or codebook: train and promote one"
        )
    return problems


def pin(data: TrainingData, figures: Figures, line: str | None, changelog: str) -> int:
    """Write the floors anew; 1 where one would fall and may not."""
    old = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    floors = to_floors(figures)
    fallen = [
        name
        for name, floor in old.get("floors", {}).items()
        if floors.get(name, 0.0) < floor
    ]
    if fallen and (not line or line not in changelog):
        for name in fallen:
            floor = floors.get(name, 0.0)
            print(f"{name} would fall from {old['floors'][name]:.3f} to {floor:.3f}")
        print("pass --lower with a line of CHANGELOG.md that says so")
        return 1
    highest = {
        name: max(floor, old.get("highest", {}).get(name, 0.0))
        for name, floor in {**old.get("floors", {}), **floors}.items()
    }
    lowered = {
        name: reason
        for name, reason in old.get("lowered", {}).items()
        if floors.get(name, 0.0) < highest[name]
    } | dict.fromkeys(fallen, line)
    content = {
        "inputs": inputs(data),
        "floors": floors,
        "highest": highest,
        "lowered": lowered,
    }
    replace_file(FLOORS, (json.dumps(content, indent=1) + "\n").encode())
    print(f"pinned {len(floors)} floors in {FLOORS.relative_to(ROOT)}")
    return 0


def main() -> int:
    """Measure, then check or pin."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("action", choices=("check", "pin"))
    parser.add_argument("--lower", metavar="LINE", help="the changelog's line on it")
    options = parser.parse_args()

    data = read_data()
    figures = measure_out_of_fold(data, TrainingSettings()).figures
    print(f"micro F1 {figures.micro.f1:.3f}, macro F1 {figures.macro.f1:.3f}")
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if options.action == "pin":
        return pin(data, figures, options.lower, changelog)
    problems = find_problems(json.loads(FLOORS.read_text()), data, figures, changelog)
    for problem in problems:
        print(f"quality gate: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
