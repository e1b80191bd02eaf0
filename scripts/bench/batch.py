"""Measure how fast paragraphs are scored: scikit-learn, numpy, compiled, fastText.

All score the same articles on one core, in turn, round after round, so that a machine
whose speed drifts slows all of them alike. scikit-learn's pipeline is that of a version
that still has its pickle, which is read: give none but your own. fastText is measured
where it is installed: one-vs-all, trained on the workspace's labelled paragraphs, with
features like ours (words, pairs and triples, fragments of 3 to 5) and with words and
pairs alone. Memory is the most that this process has held after each way's first round.

usage: python scripts/bench/batch.py ARTICLES.jsonl.gz [--version DIR] [--json FILE]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from classifier.corpus.passages import Passages
from classifier.corpus.readers import read_corpus
from classifier.formats.sources import (
    Journal,
    ReadingOptions,
    find_sources,
    read_articles,
)
from classifier.labels import LabelSet
from classifier.model.store import find_store
from classifier.model.version import PIPELINE, Version, read_version
from classifier.workspace import require_workspace

# ru_maxrss counts kilobytes, on macOS bytes.
MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3
LIKE_OURS = {"wordNgrams": 3, "minn": 3, "maxn": 5}
LIGHT = {"wordNgrams": 2}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("articles", help="a file of articles, such as .jsonl.gz")
    parser.add_argument("--version", type=Path, help="a version's folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()

    version = read_version(options.version) if options.version else find_store().read()
    passages = gather(options.articles)
    megabytes = sum(len(text.encode()) for text in passages.texts) / 1e6
    ways = {**our_ways(version, passages), **fasttext_ways(passages)}
    if (version.folder / PIPELINE).is_file():
        ways["scikit-learn"] = scikit_learn(version, passages)

    results = {}
    memory = {}
    for name, way in ways.items():
        results[name] = way()  # compiles, and warms the caches
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        memory[name] = peak / MEGABYTE
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)

    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{len(passages):,} paragraphs, {megabytes:.1f} MB, one core")
    header = ["seconds", "MB/s", "MB held", *(f"/ {name}" for name in ways)]
    print(f"{'median of ' + str(options.rounds):24}", *header, sep="  ")
    for name, median in medians.items():
        ratios = [f"{medians[base] / median:.2f}".rjust(len(base) + 2) for base in ways]
        print(
            f"{name:24}",
            f"{median:7.3f}",
            f"{megabytes / median:4.1f}",
            f"{memory[name]:7.0f}",
            *ratios,
            sep="  ",
        )
    if "compiled" in ways:
        compare(version, results["numpy"], results["compiled"])
    if options.json:
        figures = {"megabytes": megabytes, "medians": medians, "times": times}
        options.json.write_text(json.dumps({**figures, "memory": memory}) + "\n")


def gather(path: str) -> Passages:
    """Return the paragraphs of a file of articles in their contexts."""
    articles = [
        (article.title, [paragraph.text for paragraph in article.paragraphs])
        for source in find_sources([path])
        for article in read_articles(source, ReadingOptions({}), Journal())
    ]
    return Passages.of_articles(articles)


def our_ways(version: Version, passages: Passages) -> dict[str, Callable[[], Any]]:
    """Return this package's two ways, the second where numba is installed."""
    model = version.model()
    on_numpy = replace(model, worth_compiling=sys.maxsize)
    in_a_loop = replace(model, worth_compiling=0)
    ways: dict[str, Callable[[], Any]] = {
        "numpy": lambda: on_numpy.predict_proba(passages)
    }
    if find_spec("numba"):
        ways["compiled"] = lambda: in_a_loop.predict_proba(passages)
    return ways


def scikit_learn(version: Version, passages: Passages) -> Callable[[], Any]:
    """Return the way of the fitted pipeline."""
    import joblib  # noqa: PLC0415 - as the next
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - with scikit-learn

    from classifier.training.pipeline import to_rows  # noqa: PLC0415 - as above

    pipeline = joblib.load(version.folder / PIPELINE)
    rows = to_rows(passages)

    def score() -> Any:  # noqa: ANN401 - an array
        with threadpool_limits(1):
            return pipeline.predict_proba(rows)

    return score


def fasttext_ways(passages: Passages) -> dict[str, Callable[[], Any]]:
    """Return fastText's ways, where it is installed."""
    if not find_spec("fasttext"):
        return {}
    import fasttext  # noqa: PLC0415 - no dependency

    workspace = require_workspace()
    corpus = read_corpus(workspace.corpus)
    lines = [
        " ".join(f"__label__{slug}" for slug in label.issues)
        + " "
        + corpus[label.article].paragraphs[label.paragraph - 1].text.lower()
        for label in LabelSet.read(workspace.labels).labels
        if label.issues
    ]
    texts = [passages.texts[i] for i in passages.paragraphs]
    ways: dict[str, Callable[[], Any]] = {}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines))
        file.flush()
        for name, features in (("like ours", LIKE_OURS), ("light", LIGHT)):
            model = fasttext.train_supervised(
                file.name, loss="ova", epoch=5, bucket=200_000, verbose=0, **features
            )

            def score(model: Any = model) -> Any:  # noqa: ANN401 - of fastText
                lowered = [text.lower() for text in texts]
                return model.predict(lowered, k=-1, threshold=0.5)

            ways[f"fastText, {name}"] = score
    return ways


def compare(version: Version, one: Any, other: Any) -> None:  # noqa: ANN401 - arrays
    """Print whether two ways give the same tags."""
    thresholds = version.model().thresholds
    same = np.array_equal(one >= thresholds, other >= thresholds)
    apart = float(np.nanmax(np.abs(one - other)))
    print(f"numpy and compiled: {'the same' if same else 'OTHER'} tags,", end=" ")
    print(f"probabilities at most {apart:.0e} apart")


if __name__ == "__main__":
    main()
