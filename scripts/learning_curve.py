"""Show whether more labelled articles would still help, and for which issues.

Trains on growing random parts of the articles, each part within the next, and measures
every model on labelled paragraphs from elsewhere. Several orders are averaged.

usage: python scripts/learning_curve.py FILE.jsonl [--workspace DIR] [--orders N]
"""

import argparse
from pathlib import Path

import numpy as np

from classifier.evaluation.labelled import read_labelled
from classifier.evaluation.metrics import Figures, measure
from classifier.training.data import read_training_data
from classifier.training.settings import TrainingSettings
from classifier.training.train import train_on
from classifier.workspace import require_workspace

SHARES = (0.25, 0.5, 0.75, 1.0)


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", help="labelled paragraphs, as for evaluate --on")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--orders", type=int, default=3)
    options = parser.parse_args()

    found = require_workspace(options.workspace)
    data = read_training_data(found.labels, found.corpus, found.codebook)
    slugs = data.codebook.slugs
    test = read_labelled(options.file, slugs)
    names = sorted(set(data.articles))
    figures: dict[float, list[Figures]] = {share: [] for share in SHARES}
    for order in range(options.orders):
        shuffled = np.random.default_rng(order).permutation(names).tolist()
        for share in SHARES:
            chosen = shuffled[: round(share * len(names))]
            part = data.take(np.isin(data.articles, chosen))
            linear = train_on(part, TrainingSettings()).linear
            probabilities = linear.predict_proba(test.passages)
            predicted = test.predicted(probabilities, linear.thresholds)
            figures[share].append(measure(predicted))

    print(f"{'articles':24}", *(f"{round(s * len(names)):6}" for s in SHARES))
    for name in ("micro", "macro"):
        means = [np.mean([getattr(f, name).f1 for f in figures[s]]) for s in SHARES]
        print(f"{name + ' F1':24}", *(f"{mean:6.3f}" for mean in means))
    for slug in slugs:
        means = [np.mean([f.issues[slug].f1 for f in figures[s]]) for s in SHARES]
        print(f"{slug:24}", *(f"{mean:6.3f}" for mean in means))


if __name__ == "__main__":
    main()
