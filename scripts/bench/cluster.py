"""Measure how a cluster's workers share an archive.

Writes the paragraphs of some articles, repeated as in ``archive.py``, to Parquet files,
starts a Dask scheduler with one worker and then one with two on this machine, and tags
the files with ``classifier tag --scheduler``; and once without a cluster. Each worker
has one thread and reads and writes itself.

usage: python scripts/bench/cluster.py ARTICLES.jsonl.gz [--paragraphs N] [--files N]
       [--json FILE]
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from archive import tag, write
from distributed import Client

from classifier.formats.sources import (
    Journal,
    ReadingOptions,
    find_sources,
    read_articles,
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("articles", help="a file of articles, such as .jsonl.gz")
    parser.add_argument("--paragraphs", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()

    found = [
        article
        for source in find_sources([options.articles])
        for article in read_articles(source, ReadingOptions({}), Journal())
    ]
    rows: list[dict[str, float | str]] = []
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        archive.mkdir()
        size = options.paragraphs // options.files
        for number in range(options.files):
            write(found, size, archive / f"{number:03}.parquet")
        total = size * options.files
        print(f"{total:,} paragraphs in {options.files} files")
        print("on                  seconds  paragraphs/s  to one worker")
        one = 0.0
        for workers in (0, 1, 2):
            name = f"cluster, {workers} workers" if workers else "one process"
            output = Path(folder) / f"out{workers}"
            if workers:
                with cluster(workers, Path(folder) / "dask") as address:
                    # Workers load what they need at their first task alone.
                    warm = Path(folder) / f"warm{workers}"
                    tag(archive / "000.parquet", warm, "--scheduler", address)
                    seconds, _ = tag(archive, output, "--scheduler", address)
            else:
                seconds, _ = tag(archive, output, "--jobs", "1")
            one = seconds if workers == 1 else one
            ratio = f"{one / seconds:13.2f}" if workers else ""
            print(
                f"{name:18}  {seconds:7.1f}  {total / seconds:12,.0f}  {ratio}",
                flush=True,
            )
            rows.append({"on": name, "paragraphs": total, "seconds": seconds})
    if options.json:
        options.json.write_text(json.dumps(rows) + "\n")


@contextmanager
def cluster(n_workers: int, folder: Path) -> Iterator[str]:
    """Run a scheduler with some workers, and give its address."""
    with ExitStack() as stack:
        module = "distributed.cli.dask_scheduler"
        scheduler = stack.enter_context(
            subprocess.Popen(
                [
                    *(sys.executable, "-m", module, "--no-dashboard"),
                    *("--host", "127.0.0.1", "--port", "0"),
                ],
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(scheduler.kill)
        address = ""
        for line in scheduler.stderr or ():
            if match := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
                address = match[1]
                break
        for _ in range(n_workers):
            worker = stack.enter_context(
                subprocess.Popen(
                    [
                        *(sys.executable, "-m", "distributed.cli.dask_worker", address),
                        *("--no-nanny", "--nthreads", "1", "--no-dashboard"),
                        *("--local-directory", str(folder)),
                    ],
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(worker.kill)
        with Client(  # type: ignore[no-untyped-call]
            address, set_as_default=False
        ) as client:
            client.wait_for_workers(n_workers, timeout=60)
        yield address


if __name__ == "__main__":
    main()
