"""Runs over an archive: planned here, worked off by processes or a cluster.

What an input becomes is made of parts, each of which holds the same articles however
many workers there are and wherever a run was stopped. A part is put in place whole by
whoever made it, so that a run goes on by making the parts that are not there.
"""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter, deque
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import joblib

from classifier.archive.encoding import FORMATS
from classifier.archive.folders import Folder, join_files, open_folder
from classifier.archive.processes import share
from classifier.errors import (
    ArchiveError,
    ArticleError,
    ArticleWarning,
    ClassifierError,
)
from classifier.extras import import_extra
from classifier.formats.records import to_articles
from classifier.formats.sources import (
    NO_ARTICLE,
    RECORDS,
    SINGLE,
    Journal,
    Source,
    in_parts,
    read_articles,
    read_parts,
)
from classifier.formats.streams import stat_source
from classifier.tagging.tagger import Tagger

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Generator,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from classifier.archive.encoding import Encoded, Format
    from classifier.corpus.article import Article
    from classifier.formats.records import Record
    from classifier.formats.sources import ReadingOptions

# What a folder of outputs was made by and with.
RUN_FILE = "_run.json"
# Characters or bytes of a part: enough to be scored in one go, few enough to hold
# several of them.
_PART = 4_000_000
# Paragraphs of a part of what has no records, for those of a few words each.
_PART_PARAGRAPHS = 25_000
# Bytes of inputs from which a second process saves more than its start takes.
_WORTH_A_PROCESS = 20_000_000
# Bytes of inputs from which the compiled loop saves more than its loading takes.
_WORTH_COMPILING = 10_000_000
# Kinds that take longer to read than to tag: whoever tags them reads them too.
_READ_APART = SINGLE | {"warc"}
# Beside the parts of an input: what it was when they were made.
_STATE_FILE = "_input"
# Files of one article each that a worker takes at a time.
_FILES_AT_ONCE = 32
# Lines on the records of one input that cannot be read, before they are only counted.
_MOST_LINES = 20
_MORE_LINES = "more such lines are only counted"
# What an input was, where nothing tells.
_NOT_KNOWN = b"not known"
# In place of the number of a part: there are no more of them.
_END = -1
# Runs of a cluster before the loss of its workers is taken to be no accident.
_ATTEMPTS = 5
_SECONDS_TO_CONNECT = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of a run.

    Attributes
    ----------
    folder : str
        Where the outputs go, a path or a URL.
    format : str
        One of `encoding.FORMATS`.
    reading : ReadingOptions
        How the inputs are read.
    selection : dict
        ``threshold``, ``issues`` and ``top`` of `Tagger.tag_article`.
    """

    folder: str
    format: str
    reading: ReadingOptions
    selection: Mapping[str, Any]


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


class _Task(NamedTuple):
    """A piece of work: whole inputs, or one part of an input.

    Attributes
    ----------
    inputs : sequence of (Source, str)
        Inputs and the names of their outputs.
    part : int or None
        The number of the part, `_END` behind the last; None for whole inputs.
    records : collection of Record or None
        Those of the part.
    position : int
        The bytes of the inputs that have been read once it is done.
    """

    inputs: Sequence[tuple[Source, str]]
    part: int | None
    records: Collection[Record] | None
    position: int


@dataclass(slots=True)
class _Result:
    """What became of a task."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, n_articles: int, encoded: Encoded) -> None:
        """Count some articles that have been tagged."""
        self.counts["articles"] += n_articles
        self.counts["paragraphs"] += encoded.n_paragraphs
        self.counts["tagged"] += encoded.n_tagged


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
    outputs = _name_outputs(sources, form)
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
                    _refuse_renamed(job, folder, form, outputs)
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
        do: Callable[[Iterable[_Task]], Generator[_Result]],
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
            if resume and is_there and _is_done(self._folder, self._form, source, name):
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
        apart = is_remote or (n_jobs > 1 and n_many >= 4 * n_jobs)
        begun: deque[_Task] = deque()

        def tasks() -> Iterator[_Task]:
            for task in self._plan(todo, apart=apart):
                begun.append(task._replace(records=None))
                yield task

        # Closed, so that nobody is at work any more behind an error or Ctrl-C.
        with closing(do(tasks())) as results:
            for result in results:
                self._take(result, begun.popleft())
        self._folder.clean()
        return self._summary

    def _plan(
        self, todo: Sequence[tuple[Source, str]], *, apart: bool
    ) -> Iterator[_Task]:
        """Yield the tasks, in the order of the inputs."""
        pending: list[tuple[Source, str]] = []
        position = self._done_before
        for source, name in todo:
            if apart or source.kind in _READ_APART:
                pending.append((source, name))
                position += self._sizes[source.path]
                full = 1 if source.kind not in SINGLE else _FILES_AT_ONCE
                if len(pending) >= full:
                    yield _Task(pending, None, None, position)
                    pending = []
                continue
            if pending:
                yield _Task(pending, None, None, position)
                pending = []
            yield from self._plan_parts(source, name, position)
            position += self._sizes[source.path]
        if pending:
            yield _Task(pending, None, None, position)

    def _plan_parts(self, source: Source, name: str, position: int) -> Iterator[_Task]:
        """Yield the parts of an input that is read here, and at last its end."""
        result = _Result()
        journal = Journal(_Lines(source, result))
        there = _parts_there(self._folder, source, name)
        parts = self._parts[name] = []
        n_parts = 0
        for part, records in _cut(source, self._job.reading, journal, result):
            n_parts += 1
            parts.append(_name_of(part, self._form))
            if parts[-1] not in there:
                done = position + journal.position
                yield _Task([(source, name)], part, records, done)
        if not n_parts and not result.counts["problems"]:
            _note(ArticleError(f"{source.name}: {NO_ARTICLE}"), result)
        if result.counts["cut off"]:
            self._not_whole.add(name)
        self._take(result, None)
        # Behind the last part, which is then in place: results come in order.
        end = position + self._sizes[source.path]
        yield _Task([(source, name)], _END, None, end)

    def _take(self, result: _Result, task: _Task | None) -> None:
        """Count and report what became of a task."""
        if task and task.part == _END:
            name = task.inputs[0][1]
            finished = _finish(
                self._folder,
                self._form,
                self._tagger,
                task.inputs[0],
                self._parts.pop(name),
                is_whole=name not in self._not_whole,
            )
            result.counts["failed"] += not finished
        elif task and task.part is not None:
            name = task.inputs[0][1]
            if result.counts["cut off"]:
                self._not_whole.add(name)
            if not result.counts["articles"]:  # then there is no such file
                self._parts[name].remove(_name_of(task.part, self._form))
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

    def _show(self, result: _Result, task: _Task | None) -> None:
        """Report lines; of the many parts of one input no more than of a whole."""
        if task is None or task.part is None:
            for line in result.lines:
                self._report(line)
            return
        name = task.inputs[0][0].name
        for line in result.lines:
            self._n_lines[name] += 1
            if self._n_lines[name] <= _MOST_LINES:
                self._report(line)
            elif self._n_lines[name] == _MOST_LINES + 1:
                self._report(f"{name}: {_MORE_LINES}")


def _work(tagger: Tagger, job: Job, task: _Task) -> _Result:
    """Do a task, wherever this is."""
    result = _Result()
    folder, form = open_folder(job.folder), FORMATS[job.format]
    if task.part is not None:
        if task.records:
            _work_part(tagger, task, job, folder, result)
        return result
    names: list[str] = []
    articles: list[Article] = []
    for source, name in task.inputs:
        if source.kind not in SINGLE:
            _work_whole(tagger, source, name, job, folder, result)
            continue
        journal = Journal(_Lines(source, result))
        with _noting_warnings(result):
            try:
                (article,) = read_articles(source, job.reading, journal)
            except ArticleError as error:
                _note(error, result)
                result.counts["failed"] += 1
            else:
                names.append(name)
                articles.append(article)
    # Many short articles are scored together and written apart.
    ranked = tagger.rank(articles, **job.selection)
    for name, own in zip(names, ranked.split([1] * len(names)), strict=True):
        encoded = form.encode(tagger, own)
        try:
            folder.put(name, partial(_write_alone, encoded, form.ends(tagger.issues)))
        except OSError as error:
            reason = error.strerror or error
            _note(ArticleError(f"{name}: cannot write it: {reason}"), result)
            result.counts["failed"] += 1
        else:
            result.count(1, encoded)
    return result


def _write_alone(encoded: Encoded, ends: tuple[bytes, bytes], file: BinaryIO) -> None:
    """Write what is the whole of a file."""
    file.write(ends[0])
    encoded.write(file)
    file.write(ends[1])


def _work_part(
    tagger: Tagger, task: _Task, job: Job, folder: Folder, result: _Result
) -> None:
    """Tag a part of an input and put it in place."""
    ((source, name),) = task.inputs
    journal = Journal(_Lines(source, result))
    try:
        articles = list(to_articles(task.records or (), source, job.reading, journal))
    except ArticleError as error:
        _note(error, result)
        return
    form = FORMATS[job.format]
    if articles:
        path = f"{_parts_of(name)}/{_name_of(task.part or 0, form)}"
        _put(tagger, articles, job, partial(folder.put, path), result)


def _work_whole(
    tagger: Tagger,
    source: Source,
    name: str,
    job: Job,
    folder: Folder,
    result: _Result,
) -> None:
    """Tag an input of many articles from its beginning to its end."""
    form = FORMATS[job.format]
    there = _parts_there(folder, source, name)
    work = _work_records if source.kind in RECORDS else _work_pages
    made = work(tagger, source, name, job, folder, result, there)
    is_whole = not result.counts["cut off"]
    if not _finish(folder, form, tagger, (source, name), made, is_whole=is_whole):
        result.counts["failed"] += 1
        if not result.counts["problems"]:
            _note(ArticleError(f"{source.name}: {NO_ARTICLE}"), result)


def _work_records(
    tagger: Tagger,
    source: Source,
    name: str,
    job: Job,
    folder: Folder,
    result: _Result,
    there: Collection[str],
) -> list[str]:
    """Tag the parts of records that are not there; return the names of all."""
    made = []
    journal = Journal(_Lines(source, result))
    for part, records in _cut(source, job.reading, journal, result):
        before = result.counts["articles"]
        own = _name_of(part, FORMATS[job.format])
        if own not in there:
            task = _Task([(source, name)], part, records, 0)
            _work_part(tagger, task, job, folder, result)
        if own in there or result.counts["articles"] > before:
            made.append(own)
    return made


def _work_pages(
    tagger: Tagger,
    source: Source,
    name: str,
    job: Job,
    folder: Folder,
    result: _Result,
    there: Collection[str],
) -> list[str]:
    """Tag the parts of an archive of pages, as `_work_records` those of records."""
    made = []
    journal = Journal(_Lines(source, result))

    def readable() -> Iterator[Article]:
        """Yield the articles up to where the input cannot be read any further."""
        try:
            yield from read_articles(source, job.reading, journal)
        except ArticleError as error:
            _note(error, result)

    for part, articles in enumerate(in_parts(readable(), _PART, _PART_PARAGRAPHS)):
        made.append(_name_of(part, FORMATS[job.format]))
        if made[-1] not in there:
            path = f"{_parts_of(name)}/{made[-1]}"
            _put(tagger, articles, job, partial(folder.put, path), result)
    return made


def _put(
    tagger: Tagger,
    articles: Sequence[Article],
    job: Job,
    put: Callable[[Callable[[BinaryIO], Any]], None],
    result: _Result,
) -> None:
    """Tag articles and put what they become in place."""
    ranked = tagger.rank(articles, **job.selection)
    encoded = FORMATS[job.format].encode(tagger, ranked)
    put(encoded.write)
    result.count(len(articles), encoded)


def _note(error: ArticleError, result: _Result) -> None:
    """Note what cannot be read any further."""
    result.lines += str(error).splitlines()
    result.counts["problems"] += 1
    result.counts["cut off"] += 1


def _cut(
    source: Source, reading: ReadingOptions, journal: Journal, result: _Result
) -> Iterator[tuple[int, Collection[Record]]]:
    """Yield the parts of an input, numbered; what cannot be read is noted."""
    try:
        yield from enumerate(read_parts(source, reading, journal, _PART))
    except ArticleError as error:
        _note(error, result)


def _parts_there(folder: Folder, source: Source, name: str) -> set[str]:
    """Return the parts of an input that an earlier run made.

    They go where the input has changed since.
    """
    hidden = _parts_of(name)
    state = _state(source)
    marker = f"{hidden}/{_STATE_FILE}"
    if folder.has(marker):
        with folder.read(marker) as file:
            before = file.read()
        if before == state and state != _NOT_KNOWN:
            return set(folder.names(hidden)) - {_STATE_FILE}
        folder.remove(hidden)
    folder.put(marker, lambda file: file.write(state))
    return set()


def _state(source: Source) -> bytes:
    """Return what tells whether an input has changed, as far as it is known."""
    found = stat_source(source)
    if found is None or found.changed is None:
        return _NOT_KNOWN
    return f"{found.size} bytes, changed at {found.changed}".encode()


def _finish(
    folder: Folder,
    form: Format,
    tagger: Tagger,
    output: tuple[Source, str],
    parts: Sequence[str],
    *,
    is_whole: bool,
) -> bool:
    """Make an input's parts its output; tell whether there is one.

    Parameters
    ----------
    folder, form, tagger
        Where, in what form, and by what.
    output : (Source, str)
        The input and the name of its output.
    parts : sequence of str
        The names of all its parts.
    is_whole : bool
        Whether the input was read to its end; if not, the output is marked, and a
        later run tries again.

    Raises
    ------
    ArchiveError
        If a part is gone.
    """
    _, name = output
    hidden = _parts_of(name)
    gone = set(parts) - set(folder.names(hidden))
    if gone and not folder.has(hidden) and folder.has(name):
        return True  # another worker, taken for dead, has done it
    if gone:
        message = f"{name}: its part {min(gone)} is gone: go on with --resume"
        raise ArchiveError(message)
    if not parts:
        folder.remove(hidden)
        return False
    mark = _mark_of(name)
    if is_whole:
        folder.remove(mark)
    else:
        folder.put(mark, lambda file: file.write(b""))
    if form.is_joined:
        paths = [f"{hidden}/{part}" for part in parts]
        join_files(folder, paths, name, form.between, form.ends(tagger.issues))
        folder.remove(hidden)
    else:
        folder.remove(name)
        folder.move(hidden, name, _STATE_FILE)
    return True


def _mark_of(name: str) -> str:
    """Return the file that says that an output lacks the end of its input."""
    parent, slash, last = name.rpartition("/")
    return f"{parent}{slash}.{last}.incomplete"


class _Lines:
    """Notes the lines on an input's records, up to a number of them."""

    def __init__(self, source: Source, result: _Result) -> None:
        self._name = source.name
        self._result = result
        self._n = 0

    def __call__(self, line: str) -> None:
        self._n += 1
        self._result.counts["problems"] += 1
        if self._n <= _MOST_LINES:
            self._result.lines.append(line)
        elif self._n == _MOST_LINES + 1:
            self._result.lines.append(f"{self._name}: {_MORE_LINES}")


@contextmanager
def _noting_warnings(result: _Result) -> Iterator[None]:
    """Note what is warned of, which in another process nobody would see."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ArticleWarning)
        yield
    found = [str(w.message) for w in caught if w.category is ArticleWarning]
    result.warnings += found


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


def _name_outputs(sources: Iterable[Source], form: Format) -> list[tuple[Source, str]]:
    """Give each input the name of its output, in which no two are alike.

    The name is the input's without the suffix of its kind, or with it where two inputs
    differ by no more than that.
    """
    named = list(sources)
    stems = [_without_suffixes(source) for source in named]
    count = Counter(stems)
    names = [
        source.relative if count[stem] > 1 else stem
        for source, stem in zip(named, stems, strict=True)
    ]
    outputs: dict[str, Source] = {}
    for source, name in zip(named, names, strict=True):
        full = name + _suffix_of(source, form)
        if full in outputs:
            message = (
                f"{source.path} and {outputs[full].path} would both become {full}: "
                "give them in separate runs"
            )
            raise ArchiveError(message)
        outputs[full] = source
    for name, source in outputs.items():
        parents = name.split("/")[:-1]
        above = {"/".join(parents[: i + 1]) for i in range(len(parents))}
        if name == RUN_FILE or above & outputs.keys():
            message = (
                f"{source.path}: its output {name} would stand where something else "
                "does: give it in a separate run"
            )
            raise ArchiveError(message)
    return [(source, name) for name, source in outputs.items()]


def _refuse_renamed(
    job: Job, folder: Folder, form: Format, outputs: Iterable[tuple[Source, str]]
) -> None:
    """Refuse to give an input a second output beside one of another name.

    An output's name changes as another input with the same name but for the suffix
    comes or goes.

    Raises
    ------
    ArchiveError
        If an output is there under the name that the input had before.
    """
    by_name = {name: source for source, name in outputs}
    for name, source in by_name.items():
        suffix = _suffix_of(source, form)
        for other in (source.relative, _without_suffixes(source)):
            former = other + suffix
            if former not in by_name and folder.has(former):
                message = (
                    f"{job.folder}: {former} is there from an earlier run, and "
                    f"{source.path} would now become {name}: remove {former}, and go "
                    "on with --resume"
                )
                raise ArchiveError(message)


def _suffix_of(source: Source, form: Format) -> str:
    """Return what stands behind the name of an output, nothing for a folder."""
    return "" if not form.is_joined and source.kind not in SINGLE else form.suffix


def _without_suffixes(source: Source) -> str:
    """Return an input's name below its folder without the suffixes of its kind."""
    if source.kind == "web":
        return source.relative
    cut = len(source.path) - len(source.stem)
    return source.relative[: len(source.relative) - cut].replace(os.sep, "/")


def _parts_of(name: str) -> str:
    """Return the folder in which the parts of an output are gathered."""
    parent, slash, last = name.rpartition("/")
    return f"{parent}{slash}.{last}.parts"


def _name_of(part: int, form: Format) -> str:
    """Return the file name of a part."""
    return f"part-{part:05}{form.suffix}"


def _is_done(folder: Folder, form: Format, source: Source, name: str) -> bool:
    """Tell whether an output is there, whole, and not older than its input."""
    if not folder.has(name) or folder.has(_mark_of(name)):
        return False
    if not form.is_joined and source.kind not in SINGLE:
        if not folder.has(f"{name}/{_STATE_FILE}"):
            return False
        with folder.read(f"{name}/{_STATE_FILE}") as file:
            return file.read() == _state(source)
    made = folder.changed(name)
    found = stat_source(source)
    if made is None or found is None or found.changed is None:
        return True
    return made >= found.changed


def _size(source: Source) -> int:
    """Return the bytes of an input, as far as they are known."""
    found = stat_source(source)
    return found.size if found else 0


def _is_short(task: _Task) -> bool:
    """Tell whether a task is a small piece of work, not an input of any size."""
    return task.part is not None or task.inputs[0][0].kind in SINGLE


@contextmanager
def _workers(
    n_jobs: int, scheduler: str | None, tagger: Tagger, job: Job
) -> Iterator[Callable[[Iterable[_Task]], Generator[_Result]]]:
    """Provide what does tasks: processes of this machine, or a cluster's workers."""
    if not scheduler:
        work = partial(_work, tagger, job)
        yield partial(share, work, n_jobs=n_jobs, is_short=_is_short)
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
        yield lambda tasks: parallel(
            joblib.delayed(_work)(tagger, job, task) for task in tasks
        )
