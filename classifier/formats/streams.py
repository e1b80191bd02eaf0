"""Bytes of a source, with bounds on what they may grow to."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from classifier.errors import ArticleError
from classifier.extras import import_extra
from classifier.formats.sources import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.formats.sources import Journal, Source

# An article of a million words is six megabytes.
DOCUMENT_LIMIT = 64 << 20
LINE_LIMIT = 16 << 20
# News deflates to a third or a tenth. What inflates more than this, and to more than
# this many bytes, was made to fill a memory or a disk.
_LARGEST_RATIO = 200
_INFLATED_LIMIT = 32 << 20
_CHUNK = 1 << 20


class Stat(NamedTuple):
    """What is known of a file without opening it.

    Attributes
    ----------
    size : int
        Its bytes as they lie, 0 where not known.
    changed : int or None
        When it was last changed, in nanoseconds since 1970; None where not known.
    """

    size: int
    changed: int | None


def stat_source(source: Source) -> Stat | None:
    """Return what is known of a source; None where it is no file or not there."""
    if source.path == STANDARD_INPUT or source.kind == "web":
        return None
    if "://" in source.path:
        from classifier.formats.remote import (  # noqa: PLC0415 - needs fsspec
            changed,
            open_system,
            size,
        )

        try:
            system, path = open_system(source.path)
            return Stat(size(system, path), changed(system, path))
        except ArticleError:
            return None
    try:
        found = os.stat(source.path)
    except (OSError, ValueError):
        return None
    return Stat(found.st_size, found.st_mtime_ns)


def open_source(source: Source, journal: Journal | None = None) -> BinaryIO:
    """Open a source for reading, decompressed; a journal is told the position.

    Raises
    ------
    ArticleError
        If it is not there or cannot be opened.
    """
    if source.compression == "zstandard":
        import_extra("zstandard", "zst")  # before there is anything to close
    stream = open_as_it_lies(source)
    if journal:
        journal.watch(stream)
    if source.compression:
        return io.BufferedReader(_Inflated(stream, source), _CHUNK)
    return stream


def read_document(source: Source, limit: int = DOCUMENT_LIMIT) -> bytes:
    """Read all bytes of a source that holds one article.

    Raises
    ------
    ArticleError
        If it cannot be read, or is larger than an article can be.
    """
    with open_source(source) as stream:
        try:
            data = stream.read(limit + 1)
        except OSError as error:
            raise unreadable(source, error) from error
    if len(data) > limit:
        message = (
            f"{source.name}: larger than {limit >> 20} MB, too large for one article: "
            "give many articles as .jsonl or .csv"
        )
        raise ArticleError(message)
    return data


def read_lines(source: Source, journal: Journal) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a source with their numbers, from 1.

    A line beyond `LINE_LIMIT` is reported and left out.

    Raises
    ------
    ArticleError
        If the source cannot be read any further.
    """
    number = 0
    with open_source(source, journal) as stream:
        while True:
            number += 1
            try:
                line = stream.readline(LINE_LIMIT)
                if len(line) >= LINE_LIMIT and not line.endswith(b"\n"):
                    journal.problem(
                        f"{source.name}:{number}: a line of more than "
                        f"{LINE_LIMIT >> 20} MB: left out"
                    )
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(_CHUNK)
                    continue
            except (OSError, EOFError) as error:
                raise unreadable(source, error, number) from error
            if not line:
                return
            if number == 1 and not source.compression:
                refuse_compressed(line, source)
            yield number, line


def refuse_compressed(data: bytes, source: Source) -> None:
    """Refuse what begins as a compressed file does.

    Raises
    ------
    ArticleError
        If it does.
    """
    if data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        message = f"{source.name}: compressed: unpack it first"
        raise ArticleError(message)


def open_as_it_lies(source: Source) -> BinaryIO:
    """Open a source without decompressing it, see `open_source`."""
    if source.path == STANDARD_INPUT:
        return sys.stdin.buffer
    if "://" in source.path:
        from classifier.formats.remote import open_file  # noqa: PLC0415 - needs fsspec

        return open_file(source.path, "rb")
    try:
        if os.path.isdir(source.path):
            message = f"{source.path}: no file of a known kind in this folder"
            raise ArticleError(message)
        return open(source.path, "rb")
    except FileNotFoundError as error:
        message = f"{source.path}: no such file: check the path"
        raise ArticleError(message) from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise unreadable(source, error) from error


def unreadable(
    source: Source, error: Exception, number: int | None = None
) -> ArticleError:
    """Return the error for a source that cannot be read, from some line on."""
    where = f"{source.name}:{number}" if number else source.name
    reason = getattr(error, "strerror", None) or str(error)
    if source.compression:
        reason = f"cut off or damaged: {reason}"
    return ArticleError(f"{where}: cannot read it: {reason}")


class _Inflated(io.RawIOBase):
    """A compressed stream, read decompressed as long as it grows within bounds."""

    def __init__(self, stream: BinaryIO, source: Source) -> None:
        self._compressed = stream
        self._source = source
        self._n_read = 0
        if source.compression == "gzip":
            import gzip  # noqa: PLC0415 - few inputs are compressed

            self._stream: BinaryIO = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
        else:
            zstandard = import_extra("zstandard", "zst")
            decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
            self._stream = decompressor.stream_reader(stream, read_across_frames=True)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - anything writable
        view = memoryview(buffer)
        try:
            data = self._stream.read(len(view))
        except OSError:
            raise
        except Exception as error:  # each library has its own
            raise OSError(str(error)) from error
        view[: len(data)] = data
        self._n_read += len(data)
        if self._n_read > _INFLATED_LIMIT and self._compressed.seekable():
            n_compressed = max(1, self._compressed.tell())
            if self._n_read > _LARGEST_RATIO * n_compressed:
                message = (
                    f"{self._source.name}: inflates more than {_LARGEST_RATIO} times, "
                    "as no news does: unpack it first if you trust it"
                )
                raise ArticleError(message)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._compressed.close()
        super().close()
