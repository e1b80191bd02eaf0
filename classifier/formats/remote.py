"""Files named by URLs of a file system: s3, gs, hdfs, memory and others."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from classifier.errors import ArticleError
from classifier.extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def open_file(url: str, mode: str) -> BinaryIO:
    """Open a file by its URL.

    Raises
    ------
    ArticleError
        If it is not there or cannot be opened.
    """
    system, path = open_system(url)
    with explaining(url):
        stream: BinaryIO = system.open(path, mode)
    return stream


def find_files(url: str, is_known: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return the files that a URL stands for, each with its path below the folder.

    A folder stands for the files of known kinds below it, a pattern for those that fit.

    Raises
    ------
    ArticleError
        If no file fits a pattern, there is none in a folder, or it cannot be looked at.
    """
    system, path = open_system(url)
    with explaining(url):
        if is_pattern(path) and not system.exists(path):
            base = path
            while is_pattern(base):
                base = base.rpartition("/")[0]
            found = [p for p in system.glob(path) if system.isfile(p)]
        elif system.isdir(path):
            base = path
            found = [p for p in system.find(path) if is_known(p.rpartition("/")[2])]
        else:
            return [(url, path.rpartition("/")[2])]
    if not found:
        message = f"{url}: no file of a known kind there"
        raise ArticleError(message)
    skip = len(base.rstrip("/")) + 1
    return [(system.unstrip_protocol(p), p[skip:]) for p in sorted(found)]


def open_system(url: str) -> tuple[Any, str]:
    """Return the file system of a URL and the path in it.

    Raises
    ------
    ArticleError
        If there is no such kind of file system, or a library for it is missing.
    """
    fsspec = import_extra("fsspec", "cluster")
    with explaining(url):
        system, path = fsspec.core.url_to_fs(url)
    return system, str(path)


def is_pattern(path: str) -> bool:
    """Tell whether a file system would take a path for a pattern."""
    return any(c in path for c in "*?[")


def size(system: Any, path: str) -> int:  # noqa: ANN401 - fsspec's own
    """Return the bytes of a file, 0 where not known.

    Raises
    ------
    ArticleError
        If it is not there or cannot be looked at.
    """
    with explaining(path):
        return int(system.size(path) or 0)


def changed(system: Any, path: str) -> int | None:  # noqa: ANN401 - fsspec's own
    """Return when a file was last changed, in nanoseconds since 1970.

    None where it is not there, or its file system does not tell.
    """
    try:
        return int(system.modified(path).timestamp() * 1e9)
    except Exception:  # noqa: BLE001 - what is not known may fail in any way
        return None


@contextmanager
def explaining(url: str) -> Iterator[None]:
    """Turn what a file system raises into one line on a URL.

    Raises
    ------
    ArticleError
        In place of anything else.
    """
    try:
        yield
    except ArticleError:
        raise
    except FileNotFoundError as error:
        message = f"{url}: no such file: check the path"
        raise ArticleError(message) from error
    except Exception as error:  # each file system has its own
        message = f"{url}: cannot open it: {first_line(error)}"
        raise ArticleError(message) from error


def first_line(error: Exception) -> str:
    """Return the first line of what an error says, or else its name."""
    return str(error).split("\n")[0] or type(error).__name__
