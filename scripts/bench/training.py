"""Measure how time and memory of a training grow with the corpus.

Trains on the workspace's corpus and on several times as much, as ``classifier train``
does but for saving: reading, folds, context, calibration, thresholds and the final fit.
Each training runs in a process of its own, on a corpus written to a temporary folder;
the workspace is only read.

What is added are the labelled articles again, three words in five replaced by words
from paragraphs of the same issue and one in twenty of these coined.

Memory is what getrusage gives: the most that the training's own process held, and the
most that one of its workers did, of which there are as many as there are cores. A
worker's figure is at least what the process held when it was started.

usage: python scripts/bench/training.py [--workspace DIR] [--json FILE] [--times N ...]
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from classifier.corpus.article import Article, paragraph_digest
from classifier.corpus.readers import read_corpus
from classifier.labels import Label, LabelSet
from classifier.workspace import Workspace, require_workspace

REPLACED = 0.6
COINED = 0.05
# ru_maxrss counts kilobytes, on macOS bytes.
MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3

# The words to draw from for a paragraph, by the first of its issues.
Pools = dict[str, list[str]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(Workspace(options.measure))))
        return
    if min(options.times) < 1:
        parser.error("--times: give whole numbers from 1")

    found = require_workspace(options.workspace)
    rows: list[dict[str, float]] = []
    print(
        "times  paragraphs  seconds  s per 1,000  process MB  worker MB  ratio to first"
    )
    for times in options.times:
        with tempfile.TemporaryDirectory() as folder:
            grown = Workspace(Path(folder) / "workspace")
            grow(found, grown, times)
            row = {"times": times, **measure_apart(grown)}
        rows.append(row)
        ratios = [
            row[name] / rows[0][name] for name in ("paragraphs", "seconds", "process")
        ]
        print(
            f"{times:5}  {row['paragraphs']:10}  {row['seconds']:7.1f}"
            f"  {1000 * row['seconds'] / row['paragraphs']:11.2f}"
            f"  {row['process']:10.0f}  {row['worker']:9.0f}"
            "  {:.2f} paragraphs, {:.2f} seconds, {:.2f} MB".format(*ratios),
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(rows) + "\n")


def measure_apart(workspace: Workspace) -> dict[str, float]:
    """Train in a fresh process and return what it measured."""
    command = [sys.executable, __file__, "--measure", str(workspace.root)]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    measured: dict[str, float] = json.loads(result.stdout)
    return measured


def measure(workspace: Workspace) -> dict[str, float]:
    """Train in this process; imports of the training's libraries are part of it."""
    start = time.perf_counter()
    from classifier.training.data import read_training_data  # noqa: PLC0415
    from classifier.training.settings import TrainingSettings  # noqa: PLC0415
    from classifier.training.train import train_on  # noqa: PLC0415

    data = read_training_data(workspace.labels, workspace.corpus, workspace.codebook)
    model = train_on(data, TrainingSettings())
    seconds = time.perf_counter() - start

    from joblib.externals.loky import get_reusable_executor  # noqa: PLC0415

    # Only processes that have ended are counted.
    get_reusable_executor().shutdown(wait=True)
    own, workers = (
        resource.getrusage(who).ru_maxrss / MEGABYTE
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "paragraphs": len(data.articles),
        "articles": len(set(data.articles)),
        "features": model.linear.n_features,
        "micro_f1": model.figures.micro.f1,
        "seconds": seconds,
        "process": own,
        "worker": workers,
    }


def grow(found: Workspace, grown: Workspace, times: int) -> None:
    """Write a workspace with the labelled articles so many times."""
    shutil.copytree(found.corpus, grown.corpus)
    label_set = LabelSet.read(found.labels)
    articles = read_corpus(found.corpus)
    issues = label_set.resolve()
    pools: Pools = defaultdict(list)
    for (name, number), slugs in issues.items():
        paragraph = articles[name].paragraphs[number - 1]
        pools[first_issue(slugs)] += paragraph.text.split()
    labels: list[Label] = []
    for copy in range(2, times + 1):
        rng = np.random.default_rng(copy)
        texts = {
            name: vary_article(articles[name], issues, pools, rng)
            for name in sorted({name for name, _ in issues})
        }
        for name, (title, paragraphs) in texts.items():
            path = grown.corpus / f"{name}-{copy}.txt"
            body = "\n\n".join(paragraphs)
            path.write_text(f"---\ntitle: {title}\n---\n{body}\n", encoding="utf-8")
        labels += [
            Label(
                f"{label.article}-{copy}",
                label.paragraph,
                paragraph_digest(texts[label.article][1][label.paragraph - 1]),
                label.issues,
                label.annotator,
            )
            for label in label_set.labels
        ]
    label_set.with_labels(labels).write(grown.labels)


def vary_article(
    article: Article,
    issues: dict[tuple[str, int], tuple[str, ...]],
    pools: Pools,
    rng: np.random.Generator,
) -> tuple[str, list[str]]:
    """Return title and paragraphs of an article with words replaced."""
    slugs = [issues.get((str(article.id), p.number), ()) for p in article.paragraphs]
    paragraphs = [
        vary_text(paragraph.text, pools[first_issue(own)], rng)
        for paragraph, own in zip(article.paragraphs, slugs, strict=True)
    ]
    return vary_text(article.title or "", pools[first_issue(slugs[0])], rng), paragraphs


def vary_text(text: str, pool: list[str], rng: np.random.Generator) -> str:
    """Replace words by others, some of them halves of two words put together."""
    words = text.split()
    drawn = rng.integers(max(1, len(pool)), size=(len(words), 2)).tolist()
    chances = rng.random((len(words), 2)).tolist()
    for i, ((first, second), (replaced, coined)) in enumerate(
        zip(drawn, chances, strict=True)
    ):
        if replaced >= REPLACED or not pool:
            continue
        words[i] = pool[first]
        if coined < COINED:
            begin, end = pool[first], pool[second]
            words[i] = begin[: (len(begin) + 1) // 2] + end[len(end) // 2 :]
    return " ".join(words)


def first_issue(slugs: tuple[str, ...]) -> str:
    """Return the first of a paragraph's issues, empty for none."""
    return slugs[0] if slugs else ""


if __name__ == "__main__":
    main()
