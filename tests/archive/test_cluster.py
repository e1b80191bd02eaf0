"""Runs on a cluster: a real scheduler and two real workers."""

import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from samples import TEXT, jsonl

from classifier.archive.run import run
from classifier.archive.work import Job
from classifier.errors import ArchiveError
from classifier.formats.sources import ReadingOptions, find_sources
from classifier.tagging.tagger import load

# The libraries' own use of what newer ones deprecate is not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")


def start(*arguments: str) -> subprocess.Popen:
    """Start a program of Dask's."""
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers; give the address and the workers."""
    from distributed import Client

    with ExitStack() as stack:

        def started(*arguments):
            process = stack.enter_context(start(*arguments))
            stack.callback(process.kill)
            return process

        scheduler = started(
            *("dask_scheduler", "--host", "127.0.0.1", "--port", "0"),
            "--no-dashboard",
        )
        address = None
        while address is None:
            line = scheduler.stderr.readline()
            assert line, "the scheduler ended"
            address = re.search(r"Scheduler at:\s+(tcp://\S+)", line)
        workers = [
            started(
                *("dask_worker", address[1], "--no-nanny", "--nthreads", "1"),
                *("--no-dashboard", "--local-directory", str(tmp_path / "dask")),
            )
            for _ in range(2)
        ]
        with Client(address[1], set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address[1], workers


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by name."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file()
    }


def test_a_worker_that_dies_loses_and_doubles_nothing(version, tmp_path, cluster):
    """With one of two workers killed mid-way the outputs are those of one process."""
    address, workers = cluster
    (tmp_path / "in").mkdir()
    for i in range(16):
        rows = [{"id": f"{i}-{j}", "text": f"{TEXT} {j}"} for j in range(200)]
        (tmp_path / "in" / f"{i:02}.jsonl").write_bytes(jsonl(rows))
        (tmp_path / "in" / f"{i:02}.txt").write_text(TEXT)
    sources = list(find_sources([str(tmp_path / "in")]))
    tagger = load(version)
    selection = {"threshold": None, "issues": None, "top": None}
    lines = []

    def job(name: str) -> Job:
        return Job(str(tmp_path / name), "jsonl", ReadingOptions({}), selection)

    expected = run(
        tagger,
        sources,
        job("alone"),
        n_jobs=1,
        report=lines.append,
        warn=print,
        progress=lambda *_: None,
    )

    def kill(*_) -> None:
        if workers[0].poll() is None:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()

    found = run(
        tagger,
        sources,
        job("cluster"),
        scheduler=address,
        report=lines.append,
        warn=print,
        progress=kill,
    )

    assert workers[0].returncode == -signal.SIGKILL
    assert lines == []
    assert found.n_failed == 0
    assert found.n_inputs == expected.n_inputs == 32
    outputs = files_below(tmp_path / "cluster")
    assert outputs == files_below(tmp_path / "alone")
    paragraphs = sum(
        data.count(b"\n") for name, data in outputs.items() if name[0] != "_"
    )
    assert paragraphs == 16 * 201


def test_an_address_where_nobody_answers_is_named(version, tmp_path, monkeypatch):
    """A wrong address is told in one line."""
    monkeypatch.setattr("classifier.archive.run._SECONDS_TO_CONNECT", 0.2)
    job = Job(
        str(tmp_path / "out"),
        "jsonl",
        ReadingOptions({}),
        {"threshold": None, "issues": None, "top": None},
    )
    (tmp_path / "a.txt").write_text(TEXT)

    with pytest.raises(ArchiveError, match="no Dask scheduler answers there"):
        run(
            load(version),
            list(find_sources([str(tmp_path / "a.txt")])),
            job,
            scheduler="tcp://127.0.0.1:9",
            report=lambda _: None,
            warn=print,
            progress=lambda *_: None,
        )
