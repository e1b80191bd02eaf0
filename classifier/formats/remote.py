"""Files named by URLs of a file system: s3, gs, hdfs, memory and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from classifier.errors import ArticleError
from classifier.extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable


def open_file(url: str, mode: str) -> BinaryIO:
    """Open a file by its URL.

    Raises
    ------
    ArticleError
        If it is not there or cannot be opened.
    """
    system, path = open_system(url)
    try:
        stream: BinaryIO = system.open(path, mode)
    except FileNotFoundError as error:
        message = f"{url}: no such file: check the path"
        raise ArticleError(message) from error
    except OSError as error:
        message = f"{url}: cannot open it: {error}"
        raise ArticleError(message) from error
    return stream


def find_files(url: str, is_known: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return the files that a URL stands for, each with its path below the folder.

    A folder stands for the files of known kinds below it, a pattern for those that fit.

    Raises
    ------
    ArticleError
        If no file fits a pattern, or there is none in a folder.
    """
    system, path = open_system(url)
    if any(c in path for c in "*?["):
        base = path
        while any(c in base for c in "*?["):
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
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError, OSError) as error:
        message = f"{url}: cannot open it: {error}"
        raise ArticleError(message) from error
    return system, str(path)
