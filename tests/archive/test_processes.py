"""Tasks shared out over processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classifier.archive.processes import share
from classifier.errors import ArchiveError


def who(task: int) -> tuple[int, int]:
    """Return a task and the process that did it."""
    return task, os.getpid()


def meet(task: int) -> tuple[int, int]:
    """Do as `who` does, once another process does so as well."""
    folder = Path(os.environ["TEST_FOLDER"])
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 20
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        pass
    return who(task)


def die(task: int) -> int:
    """Do a task, unless it is another process that is asked to."""
    if os.getpid() != int(os.environ["TEST_PARENT"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return task


class Heavy:
    """Work that is larger than a pipe, and cannot be taken up elsewhere."""

    def __init__(self) -> None:
        self.load = bytes(1 << 20)

    def __setstate__(self, _state: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, task: int) -> int:
        """Do nothing with a task."""
        return task


@pytest.mark.parametrize("takes_part", [True, False])
def test_as_many_processes_are_at_work_as_were_asked_for(
    tmp_path, monkeypatch, takes_part
):
    """Be the one that gives out the tasks among them or not; results come in order."""
    monkeypatch.setenv("TEST_FOLDER", str(tmp_path))

    found = list(share(meet, range(40), 2, takes_part=takes_part))

    assert [task for task, _ in found] == list(range(40))
    assert len({process for _, process in found}) == 2
    assert (os.getpid() in {process for _, process in found}) == takes_part


def test_tasks_are_taken_up_as_they_are_done():
    """An endless supply does not fill the memory."""
    taken = []

    def tasks():
        for task in range(1_000_000):
            taken.append(task)
            yield task

    results = share(who, tasks(), 2, takes_part=False)
    for _ in range(20):
        next(results)
    results.close()

    assert len(taken) <= 20 + 2 * 3 + 1


def test_a_process_that_dies_is_told(monkeypatch):
    """Nobody waits for what will never come."""
    monkeypatch.setenv("TEST_PARENT", str(os.getpid()))

    with pytest.raises(ArchiveError, match=r"ended from outside.*--resume"):
        list(share(die, range(10), 2, takes_part=False))


def test_a_process_that_cannot_start_is_told():
    """However large what it was to be given is."""
    with pytest.raises(ArchiveError, match="ended from outside"):
        list(share(Heavy(), range(10), 2, takes_part=False))


PROGRAM = """
import os, threading
from classifier.archive.processes import share

def work(task):
    print(os.getpid(), flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    list(share(work, range(2), 2, takes_part=False))
"""


def test_no_process_outlives_the_one_that_started_it(tmp_path, monkeypatch):
    """Where that is killed, the others end as well, and leave no file behind."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "program.py")],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        worker = int(process.stdout.readline())
        process.kill()

    # Its end of the pipe closes as it ends.
    assert worker != process.pid
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            break
    else:
        pytest.fail(f"{worker} is still there")
    assert not list((tmp_path / "tmp").iterdir())
