"""Measure the time and memory of a whole training on growing corpora.

The larger corpora are the workspace's own several times over, in every copy after the
first half of the words exchanged for other words of the corpus, a few of them made up
anew: with fewer every triple of the first copy would stand in the second again and
become a feature, which no further news would do. Each training runs in a process of its
own; its peak memory is that of this process and of the largest of its workers.

usage: python scripts/bench/training.py [--workspace DIR] [--times N...] [--json FILE]
"""

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from joblib.externals.loky import get_reusable_executor

from classifier.corpus.readers import read_corpus
from classifier.labels import Label, LabelSet
from classifier.training.data import read_training_data
from classifier.training.settings import TrainingSettings
from classifier.training.train import train_on
from classifier.workspace import Workspace, require_workspace

WORD = re.compile(r"\w+")
EXCHANGED, MADE_UP = 0.5, 0.05


def enlarge(found: Workspace, root: Path, times: int) -> None:
    """Write the workspace's corpus and labels `times` over."""
    articles = read_corpus(found.corpus)
    labels = LabelSet.read(found.labels).labels
    texts = {key: [p.text for p in a.paragraphs] for key, a in articles.items()}
    words = [w for parts in texts.values() for t in parts for w in WORD.findall(t)]
    corpus = root / "corpus"
    corpus.mkdir()
    (corpus / "codebook.toml").write_bytes(found.codebook.read_bytes())
    for copy in range(times):
        rng = random.Random(copy)  # noqa: S311 - no secret

        def exchange(match: re.Match[str], rng: random.Random = rng) -> str:
            if rng.random() >= EXCHANGED:
                return match[0]
            word = rng.choice(words)
            # One in ten of them is a word that the corpus does not have.
            return (
                word if rng.random() < 1 - EXCHANGED else f"{word}{rng.randrange(99)}"
            )

        for key, parts in texts.items():
            own = [WORD.sub(exchange, text) for text in parts] if copy else parts
            path = corpus / f"{key}-{copy}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            head = f"---\ntitle: {articles[key].title or key}\n---\n"
            path.write_text(head + "\n\n".join(own) + "\n", "utf-8")
    large = read_corpus(corpus)
    LabelSet(()).with_labels(
        Label(
            f"{row.article}-{copy}",
            row.paragraph,
            large[f"{row.article}-{copy}"].paragraphs[row.paragraph - 1].digest,
            row.issues,
            row.annotator,
        )
        for copy in range(times)
        for row in labels
    ).write(root / "labels.csv")


def measure_one(root: Path) -> None:
    """Train once and print what it took, as JSON."""
    start = time.perf_counter()
    corpus = root / "corpus"
    data = read_training_data(root / "labels.csv", corpus, corpus / "codebook.toml")
    model = train_on(data, TrainingSettings())
    seconds = time.perf_counter() - start
    # A worker's peak is known when it has ended.
    get_reusable_executor().shutdown(wait=True)
    peaks = [
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    figures = {
        "paragraphs": len(data.articles),
        "features": model.linear.n_features,
        "seconds": seconds,
        "peak_mb": sum(peaks),
    }
    print(json.dumps(figures))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure_one(options.one)
        return

    found = require_workspace(options.workspace)
    rows = []
    header = ("times", "paragraphs", "features", "seconds", "ratio", "peak MB", "ratio")
    print("".join(name.rjust(12) for name in header))
    for times in options.times:
        with tempfile.TemporaryDirectory() as folder:
            enlarge(found, Path(folder), times)
            command = [sys.executable, __file__, "--one", folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        row = json.loads(done.stdout)
        rows.append({"times": times, **row})
        print(
            f"{times:12}{row['paragraphs']:12}{row['features']:12}"
            f"{row['seconds']:12.1f}{row['seconds'] / rows[0]['seconds']:12.2f}"
            f"{row['peak_mb']:12.0f}{row['peak_mb'] / rows[0]['peak_mb']:12.2f}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(rows) + "\n")


if __name__ == "__main__":
    main()
