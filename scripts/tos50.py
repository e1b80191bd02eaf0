"""Measure training on another domain: unfair clauses in 50 terms of service.

The set is the English CLAUDETTE corpus (Galassi et al., 2024; CC BY 4.0) as JSON lines
of ``doc``, ``text``, ``labels`` and ``fold``, in the order of the documents. For each
of its document folds a model is trained on the other documents by `classifier.train`,
with the settings that the project ships with, and tags the fold.

usage: python scripts/tos50.py FILE.jsonl.gz [--json FILE]
"""

import argparse
import gzip
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

import classifier
from classifier.corpus.passages import Passages
from classifier.corpus.readers import read_corpus
from classifier.evaluation.metrics import measure
from classifier.evaluation.predictions import Predictions
from classifier.labels import Label, LabelSet

# The categories as the corpus's authors describe them, in short.
CODEBOOK = """
[[issue]]
slug = "a"
name = "Arbitration"
definition = "Disputes must go through arbitration before or instead of a court."

[[issue]]
slug = "ch"
name = "Unilateral change"
definition = "The provider may amend or modify the terms or the service unilaterally."

[[issue]]
slug = "cr"
name = "Content removal"
definition = "The provider may remove or delete the user's content at its discretion."

[[issue]]
slug = "j"
name = "Jurisdiction"
definition = "It is stated which courts are competent to hear disputes."

[[issue]]
slug = "law"
name = "Choice of law"
definition = "It is stated by which law the contract is governed."

[[issue]]
slug = "ltd"
name = "Limitation of liability"
definition = "The provider limits or excludes its liability for damages or losses."

[[issue]]
slug = "pinc"
name = "Privacy included"
definition = "Using the service means consent to the privacy policy."

[[issue]]
slug = "ter"
name = "Unilateral termination"
definition = "The provider may suspend or terminate the contract, service or account."

[[issue]]
slug = "use"
name = "Contract by using"
definition = "The user is bound by the terms by merely using or accessing the service."
"""


def write_corpus(root: Path, documents: dict[str, list[dict[str, Any]]]) -> None:
    """Write documents as a corpus with its labels and codebook."""
    (root / "corpus").mkdir()
    (root / "corpus" / "codebook.toml").write_text(CODEBOOK, "utf-8")
    for name, rows in documents.items():
        text = "\n\n".join(row["text"] for row in rows)
        (root / "corpus" / f"{name}.txt").write_text(text + "\n", "utf-8")
    found = read_corpus(root / "corpus")
    LabelSet(()).with_labels(
        Label(name, p.number, p.digest, tuple(row["labels"]), "set")
        for name, rows in documents.items()
        for p, row in zip(found[name].paragraphs, rows, strict=True)
    ).write(root / "labels.csv")


def train(documents: dict[str, list[dict[str, Any]]]) -> classifier.TrainedModel:
    """Train on some documents with the project's own settings."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_corpus(root, documents)
        return classifier.train(
            labels=root / "labels.csv",
            corpus=root / "corpus",
            codebook=root / "corpus" / "codebook.toml",
        )


def main() -> None:
    """Train fold by fold, measure what was held out, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()

    documents: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(options.file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            documents[row["doc"]].append(row)
    fold_of = {name: rows[0]["fold"] for name, rows in documents.items()}

    labelled, tagged, probabilities, owners = [], [], [], []
    for fold in sorted(set(fold_of.values())):
        model = train({n: r for n, r in documents.items() if fold_of[n] != fold})
        held_out = {n: r for n, r in documents.items() if fold_of[n] == fold}
        rows = [row for part in held_out.values() for row in part]
        found = model.linear.predict_proba(
            Passages.of_articles(
                (None, [row["text"] for row in part]) for part in held_out.values()
            )
        )
        probabilities.append(found)
        tagged.append(found >= model.linear.thresholds)
        labelled += [[slug in row["labels"] for slug in model.issues] for row in rows]
        owners += [row["doc"] for row in rows]
        print(f"fold {fold}: {len(rows)} sentences of {len(held_out)} documents")

    figures = measure(
        Predictions(
            model.issues,
            tuple(owners),
            np.arange(1, len(owners) + 1),
            np.array(labelled),
            np.concatenate(tagged),
            np.concatenate(probabilities),
        )
    )
    for name, scores in (("micro", figures.micro), ("macro", figures.macro)):
        low, high = scores.intervals["f1"] or (float("nan"), float("nan"))
        print(
            f"pooled {name} F1 {100 * scores.f1:.1f} "
            f"(95 % {100 * low:.1f}-{100 * high:.1f})"
        )
    for slug, issue in figures.issues.items():
        print(f"  {slug:5} F1 {100 * issue.f1:5.1f}  {issue.support} sentences")
    if options.json:
        options.json.write_text(json.dumps(figures.to_dict(), indent=1) + "\n")


if __name__ == "__main__":
    main()
