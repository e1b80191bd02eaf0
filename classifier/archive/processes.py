"""Tasks shared out over processes, the one that gives them out among them."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, TypeVar

import joblib

from classifier.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

Task = TypeVar("Task")
Result = TypeVar("Result")

# Tasks given to each process ahead of its need, so that it need not wait while the one
# that gives them out works on one itself.
_AHEAD = 3
# What a process was started to do.
_kept: list[Callable[[Any], Any]] = []


def share(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    n_jobs: int,
    *,
    takes_part: bool,
) -> Generator[Result]:
    """Do tasks on several processes, and yield what becomes of each, in order.

    They are taken up as they are done, not all at once.

    Parameters
    ----------
    work : callable
        From a task to its result; it goes to each process once.
    tasks : iterable
        What is to be done.
    n_jobs : int
        How many processes are at work.
    takes_part : bool
        Whether this one is among them, while the others have enough to do. That saves
        the start of another one and the way of its tasks there, but is only for tasks
        that are done so soon that the others need no more meanwhile.

    Raises
    ------
    ArchiveError
        If one of the processes ends before its work is done.
    """
    if n_jobs == 1:
        yield from map(work, tasks)
        return
    with tempfile.TemporaryDirectory(prefix="classifier-") as folder:
        # By a file and not as an argument: writing one that is larger than a pipe to a
        # process that died as it started never ends.
        path = os.path.join(folder, "work")
        joblib.dump(work, path)
        yield from _share(path, work, tasks, n_jobs - takes_part, takes_part=takes_part)


def _share(
    path: str,
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    n_others: int,
    *,
    takes_part: bool,
) -> Generator[Result]:
    """Do what `share` does, with so many others, the work being also in a file."""
    # Nothing of this process but what it is told: a fork would take along its threads.
    start = (path, gc.get_threshold())
    pool = ProcessPoolExecutor(n_others, get_context("spawn"), _start, start)
    waiting: deque[Future[Result]] = deque()
    ahead = 1  # until the processes have started
    try:
        for task in tasks:
            while True:
                is_open = [future for future in waiting if not future.done()]
                if len(is_open) < len(waiting):
                    ahead = _AHEAD
                if len(is_open) < ahead * n_others:
                    waiting.append(pool.submit(_do, task))
                elif takes_part:
                    done: Future[Result] = Future()
                    done.set_result(work(task))
                    waiting.append(done)
                else:
                    wait(is_open, return_when=FIRST_COMPLETED)
                    continue
                break
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        message = (
            "a process at work was ended from outside, as for want of memory: go on "
            "with --resume, and with fewer --jobs"
        )
        raise ArchiveError(message) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start(path: str, threshold: tuple[int, int, int]) -> None:
    """Make a new process ready."""
    gc.set_threshold(*threshold)
    # Who gives out the tasks is told of Ctrl-C as well, and ends the others in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(path,), daemon=True).start()
    # Not mapped into memory, where look-ups take a tenth longer.
    _kept.append(joblib.load(path))


def _end_with_parent(path: str) -> None:
    """End this process, and leave no file, where the one that gives out was killed."""
    parent = parent_process()
    if parent:
        parent.join()
        shutil.rmtree(os.path.dirname(path), ignore_errors=True)
        os._exit(1)


def _do(task: Any) -> Any:  # noqa: ANN401 - as `share` is given them
    """Do a task in a process that was started for it."""
    return _kept[0](task)
