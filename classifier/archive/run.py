"""Runs over an archive: planned here, worked off by processes or a cluster.

What an input becomes is made of parts, each of which holds the same articles however
many workers there are and wherever a run was stopped. A part is put in place whole by
whoever made it, so that a run goes on by making the parts that are not there.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import joblib

from classifier.archive.encoding import FORMATS
from classifier.archive.folders import Folder, open_folder
from classifier.archive.outputs import (
    RUN_FILE,
    find_parts,
    finish,
    is_done,
    name_of_part,
    name_outputs,
    refuse_renamed,
)
from classifier.archive.processes import share
from classifier.archive.work import (
    END,
    MORE_LINES,
    MOST_LINES,
    Job,
    Lines,
    Result,
    Task,
    cut,
    note,
    work,
)
from classifier.errors import ArchiveError, ArticleError, ClassifierError
from classifier.extras import import_extra
from classifier.formats.sources import (
    NO_ARTICLE,
    RECORDS,
    SINGLE,
    Journal,
    Source,
)
from classifier.formats.streams import stat_source
from classifier.tagging.tagger import Tagger

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Generator,
        Iterator,
        Mapping,
        Sequence,
    )

    from classifier.archive.encoding import Format

# Bytes of inputs from which a second process saves more than its start takes.
_WORTH_A_PROCESS = 20_000_000
# Bytes of inputs from which the compiled loop saves more than its loading takes.
_WORTH_COMPILING = 10_000_000
# Kinds that take longer to read than to tag: whoever tags them reads them too.
_READ_APART = SINGLE | {"warc"}
# Files of one article each that a worker takes at a time.
_FILES_AT_ONCE = 32
# Runs of a cluster before the loss of its workers is taken to be no accident.
_ATTEMPTS = 5
_SECONDS_TO_CONNECT = 10.0


@dataclass(slots=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    n_inputs, n_skipped, n_failed : int
        Inputs in all, those done by an earlier run, and those that gave no output.
    n_articles, n_paragraphs, n_tagged : int
        What was read in this run, and the paragraphs that have an issue.
    n_problems : int
        Records that could not be read, and inputs that could not be read to their end.
    """

    n_inputs: int = 0
    n_skipped: int = 0
    n_failed: int = 0
    n_articles: int = 0
    n_paragraphs: int = 0
    n_tagged: int = 0
    n_problems: int = 0


def run(
    tagger: Tagger,
    sources: Sequence[Source],
    job: Job,
    *,
    n_jobs: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    report: Callable[[str], None],
    warn: Callable[[str], None],
    progress: Callable[[Summary, int, int], None],
) -> Summary:
    """Tag an archive into a folder, one output for each input.

    Parameters
    ----------
    tagger : Tagger
        The model.
    sources : sequence of Source
        The inputs.
    job : Job
        Where the outputs go and in what form.
    n_jobs : int, optional
        Processes at work; else as many as there are cores, where it pays.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers read and write themselves.
    resume : bool
        Go on with an earlier run: what it finished is left as it is.
    report : callable
        Called with a line on everything that cannot be read.
    warn : callable
        Called with a line on what a reader of the tags should know.
    progress : callable
        Called with the summary so far, the bytes read, and the bytes of all inputs.

    Returns
    -------
    Summary
        What was done.

    Raises
    ------
    ArchiveError
        If the folder holds another run, two inputs would have one output, or the
        cluster cannot be had.
    """
    form = FORMATS[job.format]
    if job.format == "parquet":
        import_extra("pyarrow", "parquet")
    outputs = name_outputs(sources, form)
    folder = open_folder(job.folder)
    sizes = {source.path: _size(source) for source in sources}
    total = sum(sizes.values())
    is_compiled = _is_compiled(folder, total)
    if is_compiled:
        model = replace(tagger.model, worth_compiling=0)
        tagger = Tagger(model, version=tagger.version)
    if n_jobs is None:
        n_jobs = int(joblib.cpu_count()) if total >= _WORTH_A_PROCESS else 1
    for attempt in range(1, _ATTEMPTS + 1):
        one = _Pass(tagger, job, folder, form, report, warn, progress, sizes)
        try:
            with _workers(n_jobs, scheduler, tagger, job) as do:
                # A run that has begun is one that is gone on with.
                again = resume or attempt > 1
                _begin(folder, tagger, job, is_compiled=is_compiled, resume=again)
                if again:
                    refuse_renamed(folder, form, outputs, job.folder)
                return one.work_off(
                    outputs,
                    do,
                    is_remote=bool(scheduler),
                    n_jobs=n_jobs,
                    resume=again,
                )
        except ClassifierError:
            raise
        except Exception as error:
            # A cluster that lost a worker's data beyond what it mends by itself: what
            # has been put in place stays, the rest is done once more.
            if not scheduler:
                raise
            if attempt == _ATTEMPTS:
                message = f"{scheduler}: the cluster failed {attempt} times: {error}"
                raise ArchiveError(message) from error
    raise AssertionError  # the last attempt returns or raises


class _Pass:
    """One pass over all inputs."""

    def __init__(
        self,
        tagger: Tagger,
        job: Job,
        folder: Folder,
        form: Format,
        report: Callable[[str], None],
        warn: Callable[[str], None],
        progress: Callable[[Summary, int, int], None],
        sizes: Mapping[str, int],
    ) -> None:
        self._tagger = tagger
        self._job = job
        self._folder = folder
        self._form = form
        self._report = report
        self._warn = warn
        self._progress = progress
        self._sizes = sizes  # of the inputs, by their paths
        self._total = sum(sizes.values())
        self._summary = Summary()
        self._parts: dict[str, list[str]] = {}  # of each input that is read here
        self._not_whole: set[str] = set()  # inputs that could not be read to their end
        self._n_lines: Counter[str] = Counter()  # shown so far, by input
        self._done_before = 0  # bytes of the inputs that have been read to their end

    def work_off(
        self,
        outputs: Sequence[tuple[Source, str]],
        do: Callable[..., Generator[Result]],
        *,
        is_remote: bool,
        n_jobs: int,
        resume: bool,
    ) -> Summary:
        """Do all of it, and return what was done."""
        self._summary.n_inputs = len(outputs)
        todo = []
        for source, name in outputs:
            is_there = self._folder.has(name)
            if resume and is_there and is_done(self._folder, self._form, source, name):
                self._summary.n_skipped += 1
                self._done_before += self._sizes[source.path]
            elif is_there and not resume:
                message = (
                    f"{self._job.folder}: {name} is there already: name another folder"
                )
                raise ArchiveError(message)
            else:
                todo.append((source, name))
        n_many = sum(source.kind not in SINGLE for source, _ in todo)
        # Enough inputs to keep everybody busy are read where they are tagged.
        apart = _READ_APART
        if is_remote or (n_jobs > 1 and n_many >= 4 * n_jobs):
            apart = apart | RECORDS
        # Others do all of it where a task may be an input of any size.
        takes_part = not any(source.kind in apart - SINGLE for source, _ in todo)
        begun: deque[Task] = deque()

        def tasks() -> Iterator[Task]:
            for task in self._plan(todo, apart=apart):
                begun.append(task._replace(records=None))
                yield task

        # Closed, so that nobody is at work any more behind an error or Ctrl-C.
        with closing(do(tasks(), takes_part=takes_part)) as results:
            for result in results:
                self._take(result, begun.popleft())
        self._folder.clean()
        return self._summary

    def _plan(
        self, todo: Sequence[tuple[Source, str]], *, apart: Collection[str]
    ) -> Iterator[Task]:
        """Yield the tasks, in the order of the inputs.

        Inputs of the kinds that are read apart are given out whole.
        """
        pending: list[tuple[Source, str]] = []
        position = self._done_before
        for source, name in todo:
            if source.kind in apart:
                pending.append((source, name))
                position += self._sizes[source.path]
                full = 1 if source.kind not in SINGLE else _FILES_AT_ONCE
                if len(pending) >= full:
                    yield Task(pending, None, None, position)
                    pending = []
                continue
            if pending:
                yield Task(pending, None, None, position)
                pending = []
            yield from self._plan_parts(source, name, position)
            position += self._sizes[source.path]
        if pending:
            yield Task(pending, None, None, position)

    def _plan_parts(self, source: Source, name: str, position: int) -> Iterator[Task]:
        """Yield the parts of an input that is read here, and at last its end."""
        result = Result()
        journal = Journal(Lines(source, result))
        there = find_parts(self._folder, source, name)
        parts = self._parts[name] = []
        n_parts = 0
        for part, records in cut(source, self._job.reading, journal, result):
            n_parts += 1
            parts.append(name_of_part(part, self._form))
            if parts[-1] not in there:
                done = position + journal.position
                yield Task([(source, name)], part, records, done)
        if not n_parts and not result.counts["problems"]:
            note(ArticleError(f"{source.name}: {NO_ARTICLE}"), result)
        if result.counts["cut off"]:
            self._not_whole.add(name)
        self._take(result, None)
        # Behind the last part, which is then in place: results come in order.
        end = position + self._sizes[source.path]
        yield Task([(source, name)], END, None, end)

    def _take(self, result: Result, task: Task | None) -> None:
        """Count and report what became of a task."""
        if task and task.part == END:
            name = task.inputs[0][1]
            finished = finish(
                self._folder,
                self._form,
                self._tagger,
                name,
                self._parts.pop(name),
                is_whole=name not in self._not_whole,
            )
            result.counts["failed"] += not finished
        elif task and task.part is not None:
            name = task.inputs[0][1]
            if result.counts["cut off"]:
                self._not_whole.add(name)
            if not result.counts["articles"]:  # then there is no such file
                self._parts[name].remove(name_of_part(task.part, self._form))
        summary = self._summary
        for line in result.warnings:
            self._warn(line)
        self._show(result, task)
        summary.n_articles += result.counts["articles"]
        summary.n_paragraphs += result.counts["paragraphs"]
        summary.n_tagged += result.counts["tagged"]
        summary.n_problems += result.counts["problems"]
        summary.n_failed += result.counts["failed"]
        if task:
            self._progress(summary, task.position, self._total)

    def _show(self, result: Result, task: Task | None) -> None:
        """Report lines; of the many parts of one input no more than of a whole."""
        if task is None or task.part is None:
            for line in result.lines:
                self._report(line)
            return
        name = task.inputs[0][0].name
        for line in result.lines:
            self._n_lines[name] += 1
            if self._n_lines[name] <= MOST_LINES:
                self._report(line)
            elif self._n_lines[name] == MOST_LINES + 1:
                self._report(f"{name}: {MORE_LINES}")


def _is_compiled(folder: Folder, total: int) -> bool:
    """Tell whether a run scores everything by the compiled loop.

    It is found once, by the bytes of all inputs, so that a run that is gone on with
    gives the same to the last bit.
    """
    before = _made_with(folder)
    return bool(before.get("compiled", total >= _WORTH_COMPILING))


def _made_with(folder: Folder) -> dict[str, Any]:
    """Return what a folder of outputs was made with; nothing where not known."""
    if not folder.has(RUN_FILE):
        return {}
    with folder.read(RUN_FILE) as file:
        try:
            found = json.load(file)
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}


def _begin(
    folder: Folder, tagger: Tagger, job: Job, *, is_compiled: bool, resume: bool
) -> None:
    """Record what the folder is made with, or check that it is what it was."""
    threshold = job.selection.get("threshold")
    made_with = {
        "model": tagger.version,
        "model_digest": tagger.model.digest,
        "format": job.format,
        "threshold": dict(threshold) if threshold else None,
        "issues": list(job.selection.get("issues") or ()) or None,
        "top": job.selection.get("top"),
        "columns": dict(job.reading.columns),
        "compiled": is_compiled,
    }
    if folder.has(RUN_FILE):
        before = _made_with(folder)
        if not resume:
            message = (
                f"{job.folder}: holds the outputs of a run: go on with --resume, or "
                "name another folder"
            )
            raise ArchiveError(message)
        for key, value in made_with.items():
            if before.get(key) != value:
                message = (
                    f"{job.folder}: its run had another {key.replace('_', ' ')} "
                    f"({before.get(key)}, now {value}): name another folder"
                )
                raise ArchiveError(message)
        return
    data = (json.dumps(made_with, indent=1) + "\n").encode()
    folder.put(RUN_FILE, lambda file: file.write(data))


def _size(source: Source) -> int:
    """Return the bytes of an input, as far as they are known."""
    found = stat_source(source)
    return found.size if found else 0


@contextmanager
def _workers(
    n_jobs: int, scheduler: str | None, tagger: Tagger, job: Job
) -> Iterator[Callable[..., Generator[Result]]]:
    """Provide what does tasks: processes of this machine, or a cluster's workers."""
    if not scheduler:
        yield partial(share, partial(work, tagger, job), n_jobs=n_jobs)
        return
    distributed = import_extra("distributed", "cluster")
    try:
        client = distributed.Client(
            scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False
        )
    except (OSError, ValueError) as error:
        message = f"{scheduler}: no Dask scheduler answers there: check the address"
        raise ArchiveError(message) from error
    with (
        client,
        joblib.parallel_config(backend="dask", client=client, scatter=[tagger]),
        joblib.Parallel(return_as="generator") as parallel,
    ):
        yield lambda tasks, **_: parallel(
            joblib.delayed(work)(tagger, job, task) for task in tasks
        )
