"""What the paths on a command line stand for, and how each is read."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from classifier.errors import ArticleError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from types import ModuleType
    from typing import BinaryIO

    from classifier.corpus.article import Article
    from classifier.formats.records import Record

STANDARD_INPUT = "-"
NO_ARTICLE = "no article in it"
# The kind of a file by its suffix; a file of another suffix is taken for text.
KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pdf": "pdf",
    ".docx": "docx",
    ".warc": "warc",
}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstandard"}
# Kinds that hold one article; the others hold any number, and are read in a stream.
SINGLE = frozenset({"text", "markdown", "html", "pdf", "docx", "web"})
# Of those that hold many, what is made of records with named fields.
RECORDS = frozenset({"jsonl", "csv", "tsv", "parquet"})
# Of those that hold many, what is split into lines and may be compressed.
LINES = frozenset({"jsonl", "csv", "tsv"})
# Kinds whose bytes would pass for text, or be told as binary, and are neither.
_OTHER = (".xml", ".json", ".doc", ".odt", ".rtf", ".epub", ".xls", ".xlsx", ".zip")
# The module that reads each kind.
_READERS = {
    "text": "text",
    "markdown": "text",
    "html": "html",
    "web": "web",
    "jsonl": "records",
    "csv": "tables",
    "tsv": "tables",
    "parquet": "parquet",
    "pdf": "pdf",
    "docx": "docx",
    "warc": "warc",
}


class Source(NamedTuple):
    """Something that articles are read from.

    Attributes
    ----------
    path : str
        A file, a URL, or ``-`` for standard input.
    kind : str
        How it is read, one of the values of `KINDS`, or ``web``.
    compression : str or None
        ``gzip``, ``zstandard`` or None.
    relative : str
        Its path below the folder that was given, or its name.
    """

    path: str
    kind: str
    compression: str | None
    relative: str

    @property
    def name(self) -> str:
        """How messages name it."""
        return "standard input" if self.path == STANDARD_INPUT else self.path

    @property
    def stem(self) -> str:
        """Its path without the suffixes that tell its kind."""
        return _split_suffixes(self.path)[0] if self.kind != "web" else self.path


class Journal:
    """What is found on the way while a source is read, and how far that is.

    Parameters
    ----------
    report : callable, optional
        Called with a line on each record that cannot be read.

    Attributes
    ----------
    n_problems : int
        How many could not.
    """

    def __init__(self, report: Callable[[str], None] | None = None) -> None:
        self.n_problems = 0
        self._report = report
        self._stream: BinaryIO | None = None
        self._position = 0

    def problem(self, line: str) -> None:
        """Note a record that cannot be read."""
        self.n_problems += 1
        if self._report:
            self._report(line)

    def watch(self, stream: BinaryIO) -> None:
        """Tell the position by this stream from now on."""
        self._stream = stream

    @property
    def position(self) -> int:
        """The bytes of the source that have been read, as it lies."""
        if self._stream and not self._stream.closed:
            with suppress(OSError):  # of a pipe
                self._position = self._stream.tell()
        return self._position


class ReadingOptions(NamedTuple):
    """What a user says of the inputs.

    Attributes
    ----------
    columns : mapping of str to str
        The columns that hold text, title, date, source, id and paragraph, where they
        are not those that are found by their names.
    allow_private : bool
        Whether web pages may be fetched from private addresses.
    """

    columns: Mapping[str, str]
    allow_private: bool = False


def find_sources(
    paths: Iterable[str], kind: str | None = None, leave_out: str | None = None
) -> Iterator[Source]:
    """Yield what the given paths stand for, in their order, each file once.

    A folder stands for the files of known kinds below it, sorted by name; hidden files
    and folders are passed over. A pattern (``*``, ``?``, ``[``, ``**``) stands for the
    files that fit it. A path that leads nowhere is yielded too, and fails when it is
    read.

    Parameters
    ----------
    paths : iterable of str
        Files, folders, patterns, URLs, ``-``.
    kind : str, optional
        How to read files whose suffix does not tell, and standard input.
    leave_out : str, optional
        A folder that is passed over where it lies in one of the paths.
    """
    seen = set()
    for source in _find_all(paths, kind, leave_out):
        is_local = "://" not in source.path and source.path != STANDARD_INPUT
        path = os.path.abspath(source.path) if is_local else source.path
        if path not in seen:
            seen.add(path)
            yield source


def _find_all(
    paths: Iterable[str], kind: str | None, leave_out: str | None
) -> Iterator[Source]:
    """Yield what the given paths stand for, also twice."""
    for given in paths:
        scheme = given.partition("://")[0].lower() if "://" in given else ""
        if given == STANDARD_INPUT:
            yield Source(given, kind or "text", None, "standard-input")
        elif scheme in ("http", "https"):
            yield Source(given, "web", None, _name_of_url(given))
        elif scheme:
            yield from _find_remote(given, kind)
        elif os.path.isdir(given):
            yield from _find_below(given, kind, leave_out)
        elif not os.path.lexists(given) and any(c in given for c in "*?["):
            yield from _find_matching(given, kind)
        else:
            yield _make_source(given, os.path.basename(given), kind)


def read_articles(
    source: Source, options: ReadingOptions, journal: Journal
) -> Iterator[Article]:
    """Yield the articles of a source, one after the other.

    Parameters
    ----------
    source : Source
        See `find_sources`.
    options : ReadingOptions
        What the user says of the inputs.
    journal : Journal
        Told of each record that cannot be read; the others go on.

    Raises
    ------
    ArticleError
        If the source as a whole cannot be read, or no further.
    """
    suffix = os.path.splitext(source.path)[1].lower()
    if source.kind == "text" and suffix in _OTHER and os.path.exists(source.path):
        message = f"{source.name}: {suffix} is not read: save the text as .txt"
        raise ArticleError(message)
    is_empty = True
    try:
        for article in _articles(source, options, journal):
            is_empty = False
            yield article
    except MissingExtraError as error:
        message = f"{source.name}: {error}"
        raise ArticleError(message) from error
    if is_empty and not journal.n_problems:
        message = f"{source.name}: {NO_ARTICLE}"
        raise ArticleError(message)


def read_parts(
    source: Source, options: ReadingOptions, journal: Journal, size: int
) -> Iterator[Collection[Record]]:
    """Yield the records of a source that has records, in parts of about a size.

    `records.to_articles` turns each part into articles, there or elsewhere; an article
    stands in one part alone.

    Raises
    ------
    ArticleError
        If the source cannot be read, or no further.
    """
    from classifier.formats.records import cut_records  # noqa: PLC0415 - when needed

    reader = _reader(source)
    try:
        if source.kind == "parquet":
            yield from reader.cut_rows(source, options, journal, size)
        else:
            found = reader.records(source, options, journal)
            yield from cut_records(found, source, options, size)
    except MissingExtraError as error:
        message = f"{source.name}: {error}"
        raise ArticleError(message) from error


def _articles(
    source: Source, options: ReadingOptions, journal: Journal
) -> Iterator[Article]:
    """Yield what a source's own reader yields."""
    reader = _reader(source)
    if source.kind not in RECORDS:
        yield from reader.read(source, options, journal)
        return
    from classifier.formats.records import to_articles  # noqa: PLC0415 - when needed

    found = reader.records(source, options, journal)
    yield from to_articles(found, source, options, journal)


def _reader(source: Source) -> ModuleType:
    """Return the module that reads a source."""
    return import_module(f"classifier.formats.{_READERS[source.kind]}")


def in_parts(
    articles: Iterable[Article], n_characters: int, n_paragraphs: int
) -> Iterator[list[Article]]:
    """Yield articles in lists that are closed at so many characters or paragraphs."""
    part: list[Article] = []
    size = count = 0
    try:
        for article in articles:
            part.append(article)
            size += sum(len(paragraph.text) for paragraph in article.paragraphs)
            count += len(article.paragraphs)
            if size >= n_characters or count >= n_paragraphs:
                yield part
                part, size, count = [], 0, 0
    except ArticleError:
        if part:
            yield part  # what stands before the damage
        raise
    if part:
        yield part


def read_article(path: str) -> Article:
    """Read one article from a file, a web page or, for ``-``, standard input.

    Raises
    ------
    ArticleError
        If there is no such file, it cannot be read, or it holds many articles.
    """
    found = list(find_sources([path]))
    source = found[0]
    if len(found) > 1 or os.path.isdir(path) or source.kind not in SINGLE:
        message = f"{path}: may hold many articles: give a file with one"
        raise ArticleError(message)
    (article,) = read_articles(source, ReadingOptions({}), Journal())
    return article


def _split_suffixes(path: str) -> tuple[str, str | None, str | None]:
    """Return a path without its known suffixes, its kind, and its compression."""
    stem, suffix = os.path.splitext(path)
    compression = COMPRESSIONS.get(suffix.lower())
    if compression:
        inner, suffix = os.path.splitext(stem)
        kind = KINDS.get(suffix.lower())
        if kind in LINES or (kind == "warc" and compression == "gzip"):
            return inner, kind, compression
        return path, None, None
    kind = KINDS.get(suffix.lower())
    return (stem if suffix else path), kind, None


def _make_source(path: str, relative: str, kind: str | None) -> Source:
    """Return the source that a file is."""
    _, known, compression = _split_suffixes(path)
    return Source(path, known or kind or "text", compression, relative)


def _find_below(
    folder: str, kind: str | None, leave_out: str | None
) -> Iterator[Source]:
    """Yield the files of known kinds below a folder, sorted by name."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if name[0] != "."
            and not (leave_out and _is_same(os.path.join(parent, name), leave_out))
        ]
        found += [
            os.path.join(parent, name)
            for name in files
            if name[0] != "." and _split_suffixes(name)[1]
        ]
    if not found:
        # As above.
        yield Source(folder, "text", None, os.path.basename(folder))
    for path in sorted(found, key=lambda path: path.split(os.sep)):
        yield _make_source(path, os.path.relpath(path, folder), kind)


def _is_same(path: str, other: str) -> bool:
    """Tell whether two paths are those of one folder."""
    return os.path.realpath(path) == os.path.realpath(other)


def _find_matching(pattern: str, kind: str | None) -> Iterator[Source]:
    """Yield the files that fit a pattern, sorted by name."""
    import glob  # noqa: PLC0415 - shells mostly open patterns themselves

    found = [p for p in glob.glob(pattern, recursive=True) if os.path.isfile(p)]
    if not found:
        # Reported where it is read, like any other bad input.
        yield Source(pattern, "text", None, pattern)
    # What is below the last folder without a wildcard names an output.
    base = pattern
    while any(c in base for c in "*?["):
        base = os.path.dirname(base)
    for path in sorted(found, key=lambda path: path.split(os.sep)):
        yield _make_source(path, os.path.relpath(path, base or "."), kind)


def _find_remote(url: str, kind: str | None) -> Iterator[Source]:
    """Yield the files that a URL of a file system stands for."""
    from classifier.formats.remote import find_files  # noqa: PLC0415 - needs fsspec

    try:
        found = find_files(url, lambda name: bool(_split_suffixes(name)[1]))
    except ArticleError:
        found = [(url, url.rpartition("/")[2])]  # fails once more where it is read
    for path, relative in found:
        yield _make_source(path, relative, kind)


def _name_of_url(url: str) -> str:
    """Return a file name for a web page."""
    plain = url.partition("://")[2]
    return "".join(c if c.isalnum() or c in ".-" else "-" for c in plain)[:120]
