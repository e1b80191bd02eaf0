"""What is to be done for some inputs or a part of one, and its doing anywhere."""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from classifier.archive.encoding import FORMATS
from classifier.archive.folders import Folder, open_folder
from classifier.archive.outputs import (
    find_parts,
    finish,
    folder_of_parts,
    name_of_part,
)
from classifier.errors import ArticleError, ArticleWarning
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

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from classifier.archive.encoding import Encoded
    from classifier.corpus.article import Article
    from classifier.formats.records import Record
    from classifier.formats.sources import ReadingOptions
    from classifier.tagging.tagger import Tagger

# Characters or bytes of a part: enough to be scored in one go, few enough to hold
# several of them.
_PART = 4_000_000
# Paragraphs of a part of what has no records, for those of a few words each.
_PART_PARAGRAPHS = 25_000
# In place of the number of a part: there are no more of them.
END = -1
# Lines on the records of one input that cannot be read, before they are only counted.
MOST_LINES = 20
MORE_LINES = "more such lines are only counted"


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


class Task(NamedTuple):
    """A piece of work: whole inputs, or one part of an input.

    Attributes
    ----------
    inputs : sequence of (Source, str)
        Inputs and the names of their outputs.
    part : int or None
        The number of the part, `END` behind the last; None for whole inputs.
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
class Result:
    """What became of a task."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, other: Result) -> None:
        """Add what became of another task, or of one of its inputs."""
        self.counts.update(other.counts)
        self.lines += other.lines
        self.warnings += other.warnings

    def count(self, n_articles: int, encoded: Encoded) -> None:
        """Count some articles that have been tagged."""
        self.counts["articles"] += n_articles
        self.counts["paragraphs"] += encoded.n_paragraphs
        self.counts["tagged"] += encoded.n_tagged


def work(tagger: Tagger, job: Job, task: Task) -> Result:
    """Do a task, wherever this is."""
    result = Result()
    folder, form = open_folder(job.folder), FORMATS[job.format]
    if task.part is not None:
        if task.records:
            _work_part(tagger, task, job, folder, result)
        return result
    names: list[str] = []
    articles: list[Article] = []
    for source, name in task.inputs:
        if source.kind not in SINGLE:
            result.add(_work_whole(tagger, source, name, job, folder))
            continue
        journal = Journal(Lines(source, result))
        with _noting_warnings(result):
            try:
                (article,) = read_articles(source, job.reading, journal)
            except ArticleError as error:
                note(error, result)
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
            note(ArticleError(f"{name}: cannot write it: {reason}"), result)
            result.counts["failed"] += 1
        else:
            result.count(1, encoded)
    return result


def _work_part(
    tagger: Tagger, task: Task, job: Job, folder: Folder, result: Result
) -> None:
    """Tag a part of an input and put it in place."""
    ((source, name),) = task.inputs
    articles = _articles_of(task.records or (), source, job.reading, result)
    own = name_of_part(task.part or 0, FORMATS[job.format])
    _put(tagger, articles, job, folder, f"{folder_of_parts(name)}/{own}", result)


def _work_whole(
    tagger: Tagger,
    source: Source,
    name: str,
    job: Job,
    folder: Folder,
) -> Result:
    """Tag an input of many articles from its beginning to its end."""
    result = Result()
    form = FORMATS[job.format]
    there = find_parts(folder, source, name)
    parts = _parts_of_records if source.kind in RECORDS else _parts_of_pages
    made = []
    for part, load in enumerate(parts(source, job.reading, result)):
        own = name_of_part(part, form)
        path = f"{folder_of_parts(name)}/{own}"
        if own in there or _put(tagger, load(), job, folder, path, result):
            made.append(own)
    is_whole = not result.counts["cut off"]
    if not finish(folder, form, tagger, name, made, is_whole=is_whole):
        result.counts["failed"] += 1
        if not result.counts["problems"]:
            note(ArticleError(f"{source.name}: {NO_ARTICLE}"), result)
    return result


def _parts_of_records(
    source: Source, reading: ReadingOptions, result: Result
) -> Iterator[Callable[[], Sequence[Article]]]:
    """Yield what makes the articles of each part of an input that has records."""
    journal = Journal(Lines(source, result))
    for _, records in cut(source, reading, journal, result):
        yield partial(_articles_of, records, source, reading, result)


def _parts_of_pages(
    source: Source, reading: ReadingOptions, result: Result
) -> Iterator[Callable[[], Sequence[Article]]]:
    """Yield what gives the articles of each part of an archive of pages."""
    journal = Journal(Lines(source, result))

    def readable() -> Iterator[Article]:
        """Yield the articles up to where the input cannot be read any further."""
        try:
            yield from read_articles(source, reading, journal)
        except ArticleError as error:
            note(error, result)

    for articles in in_parts(readable(), _PART, _PART_PARAGRAPHS):
        yield partial(list, articles)


def _articles_of(
    records: Collection[Record],
    source: Source,
    reading: ReadingOptions,
    result: Result,
) -> list[Article]:
    """Return the articles of a part, none where it cannot be read."""
    journal = Journal(Lines(source, result))
    try:
        return list(to_articles(records, source, reading, journal))
    except ArticleError as error:
        note(error, result)
        return []


def _put(
    tagger: Tagger,
    articles: Sequence[Article],
    job: Job,
    folder: Folder,
    path: str,
    result: Result,
) -> bool:
    """Tag articles and put what they become in place; tell whether there are any."""
    if articles:
        ranked = tagger.rank(articles, **job.selection)
        encoded = FORMATS[job.format].encode(tagger, ranked)
        folder.put(path, encoded.write)
        result.count(len(articles), encoded)
    return bool(articles)


def _write_alone(encoded: Encoded, ends: tuple[bytes, bytes], file: BinaryIO) -> None:
    """Write what is the whole of a file."""
    file.write(ends[0])
    encoded.write(file)
    file.write(ends[1])


def cut(
    source: Source, reading: ReadingOptions, journal: Journal, result: Result
) -> Iterator[tuple[int, Collection[Record]]]:
    """Yield the parts of an input, numbered; what cannot be read is noted."""
    try:
        yield from enumerate(read_parts(source, reading, journal, _PART))
    except ArticleError as error:
        note(error, result)


def note(error: ArticleError, result: Result) -> None:
    """Note what cannot be read any further."""
    result.lines += str(error).splitlines()
    result.counts["problems"] += 1
    result.counts["cut off"] += 1


class Lines:
    """Notes the lines on an input's records, up to a number of them."""

    def __init__(self, source: Source, result: Result) -> None:
        self._name = source.name
        self._result = result
        self._n = 0

    def __call__(self, line: str) -> None:
        """Note one more line."""
        self._n += 1
        self._result.counts["problems"] += 1
        if self._n <= MOST_LINES:
            self._result.lines.append(line)
        elif self._n == MOST_LINES + 1:
            self._result.lines.append(f"{self._name}: {MORE_LINES}")


@contextmanager
def _noting_warnings(result: Result) -> Iterator[None]:
    """Note what is warned of, which in another process nobody would see."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ArticleWarning)
        yield
    found = [str(w.message) for w in caught if w.category is ArticleWarning]
    result.warnings += found
