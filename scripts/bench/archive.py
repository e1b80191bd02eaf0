"""Measure how time and memory of tagging an archive grow with it.

Repeats the paragraphs of some articles, each with a number of its own behind it, up to
so many paragraphs, in one Parquet file, and tags it with ``classifier tag -o DIR/
--format parquet``: with one process at every size, and in turn with two at the largest.
Printed are medians, of the ratios as well. Memory is the most that any of the processes
held, as Linux tells it.

usage: python scripts/bench/archive.py ARTICLES.jsonl.gz [--paragraphs N ...]
       [--rounds N] [--json FILE]
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from classifier.corpus.article import Article
from classifier.formats.sources import (
    Journal,
    ReadingOptions,
    find_sources,
    read_articles,
)

SIZES = [10_000, 100_000, 1_000_000]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("articles", help="a file of articles, such as .jsonl.gz")
    parser.add_argument("--paragraphs", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()

    found = [
        article
        for source in find_sources([options.articles])
        for article in read_articles(source, ReadingOptions({}), Journal())
    ]
    rows: list[dict[str, Any]] = []
    print("paragraphs  jobs  seconds  paragraphs/s     MB  MB/s  peak MB  to one job")
    for size in sorted(options.paragraphs):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "archive.parquet"
            megabytes = write(found, size, archive)
            ways = (1, 2) if size == max(options.paragraphs) else (1,)
            times: dict[int, list[float]] = {jobs: [] for jobs in ways}
            peaks = dict.fromkeys(ways, 0.0)
            for number in range(options.rounds):
                for jobs in ways:
                    output = Path(folder) / f"out{number}-{jobs}"
                    seconds, peak = tag(archive, output, "--jobs", str(jobs))
                    times[jobs].append(seconds)
                    peaks[jobs] = max(peaks[jobs], peak)
        for jobs in ways:
            seconds = statistics.median(times[jobs])
            pairs = zip(times[1], times[jobs], strict=True)
            ratio = statistics.median(one / other for one, other in pairs)
            row = {"paragraphs": size, "jobs": jobs, "times": times[jobs]}
            rows.append({**row, "megabytes": megabytes, "peak": peaks[jobs]})
            print(
                f"{size:10,}  {jobs:4}  {seconds:7.1f}  {size / seconds:12,.0f}"
                f"  {megabytes:5.0f}  {megabytes / seconds:4.1f}  {peaks[jobs]:7.0f}"
                f"  {ratio:10.2f}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(rows) + "\n")


def write(articles: list[Article], n_paragraphs: int, path: Path) -> float:
    """Write an archive of so many paragraphs, and return its megabytes of text."""
    writer = None
    size = 0
    rows: list[dict[str, Any]] = []
    for article in repeat(articles, n_paragraphs):
        text = "\n\n".join(paragraph.text for paragraph in article.paragraphs)
        size += len(text.encode())
        fields = {"title": article.title, "date": article.date}
        rows.append(
            {"id": article.id, "source": article.source, **fields, "text": text}
        )
        if len(rows) == 5000:  # noqa: PLR2004 - the rows of a group
            table = pa.Table.from_pylist(rows, SCHEMA)
            writer = writer or pq.ParquetWriter(path, SCHEMA)
            writer.write_table(table)
            rows = []
    writer = writer or pq.ParquetWriter(path, SCHEMA)
    writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
    writer.close()
    return size / 1e6


SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("id", "source", "title", "date", "text")]
)


def repeat(articles: list[Article], n_paragraphs: int) -> Iterator[Article]:
    """Yield articles again and again, no paragraph twice the same."""
    number = count()
    while True:
        for article in articles:
            own = article.paragraphs[:n_paragraphs]
            n_paragraphs -= len(own)
            if not own:
                return
            paragraphs = tuple(
                paragraph._replace(text=f"{paragraph.text} {next(number)}")
                for paragraph in own
            )
            identity = f"{article.id}-{next(number)}"
            yield article._replace(id=identity, paragraphs=paragraphs)


def tag(archive: Path, folder: Path, *options: str) -> tuple[float, float]:
    """Tag an archive; return the seconds and the most megabytes of a process."""
    program = str(Path(sys.executable).with_name("classifier"))
    start = time.perf_counter()
    with subprocess.Popen(
        [
            *(program, "tag", str(archive), "-o", f"{folder}/"),
            *("--format", "parquet", *options),
        ],
        stderr=subprocess.PIPE,
    ) as process:
        peak = 0.0
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.1):
                peak = max(peak, held(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, messages = process.communicate()
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
    if process.returncode:
        sys.exit(messages.decode())
    return seconds, peak


def held(pid: int) -> float:
    """Return the most megabytes that a process or one of its own has held."""
    peak = 0.0
    try:
        for number in family(pid):
            status = Path(f"/proc/{number}/status").read_text()
            if mark := re.search(r"VmHWM:\s+(\d+) kB", status):
                peak = max(peak, int(mark[1]) * 1024 / 1e6)
    except OSError:  # it has just ended
        pass
    return peak


def family(pid: int) -> Iterator[int]:
    """Yield a process and those that it started, by the list that Linux keeps of them.

    Looking through all processes would take time from those that work.
    """
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


if __name__ == "__main__":
    main()
