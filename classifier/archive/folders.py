"""Where the outputs of an archive go: a folder here, or one named by a URL."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from classifier.files import PARTIAL, replacing
from classifier.formats.remote import changed, first_line, is_pattern, open_system

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Write = Callable[[BinaryIO], Any]


# The names of files that are being written, here and elsewhere.
_TEMPORARY = re.compile(rf"\..+\.(?:[a-z0-9_]{{8}}|[0-9a-f]{{32}}){PARTIAL}")


class Folder(Protocol):
    """A folder of outputs, which another process may write to as well."""

    def has(self, name: str) -> bool:
        """Tell whether there is a file or folder of this name."""

    def changed(self, name: str) -> int | None:
        """Return when a file was last changed, in nanoseconds since 1970."""

    def names(self, folder: str) -> list[str]:
        """Return the names of a folder's files that are whole, sorted."""

    def put(self, name: str, write: Write) -> None:
        """Put a file in place, whole or not at all."""

    def read(self, name: str) -> BinaryIO:
        """Open a file for reading."""

    def move(self, name: str, to: str, last: str) -> None:
        """Move a folder to where nothing is, one of its files at last."""

    def remove(self, name: str) -> None:
        """Remove a file or a folder, if it is there."""

    def clean(self) -> None:
        """Remove what workers left that were stopped while they wrote."""


def open_folder(path: str) -> Folder:
    """Open a folder of outputs by its path or URL; it need not be there yet."""
    return RemoteFolder(path) if "://" in path else LocalFolder(path)


class LocalFolder:
    """A folder of this machine."""

    def __init__(self, path: str) -> None:
        self._root = Path(path)

    def has(self, name: str) -> bool:
        return (self._root / name).exists()

    def changed(self, name: str) -> int | None:
        try:
            return (self._root / name).stat().st_mtime_ns
        except OSError:
            return None

    def names(self, folder: str) -> list[str]:
        path = self._root / folder
        if not path.is_dir():
            return []
        return sorted(entry.name for entry in path.iterdir() if entry.name[0] != ".")

    def put(self, name: str, write: Write) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            write(file)

    def read(self, name: str) -> BinaryIO:
        return (self._root / name).open("rb")

    def move(self, name: str, to: str, last: str) -> None:  # noqa: ARG002 - at once
        os.replace(self._root / name, self._root / to)

    def remove(self, name: str) -> None:
        path = self._root / name
        if path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)

    def clean(self) -> None:
        for path in self._root.rglob(".*"):
            if _TEMPORARY.fullmatch(path.name) and path.is_file():
                path.unlink(missing_ok=True)


class RemoteFolder:
    """A folder of a file system that fsspec knows."""

    def __init__(self, url: str) -> None:
        self._system, root = open_system(url)
        self._root = root.rstrip("/")

    def has(self, name: str) -> bool:
        return bool(self._system.exists(self._path(name)))

    def changed(self, name: str) -> int | None:
        return changed(self._system, self._path(name))

    def names(self, folder: str) -> list[str]:
        path = self._path(folder)
        self._system.invalidate_cache(path)
        if not self._system.isdir(path):
            return []
        found = [p.rpartition("/")[2] for p in self._system.ls(path, detail=False)]
        return sorted(name for name in found if name[0] != ".")

    def put(self, name: str, write: Write) -> None:
        path = self._path(name)
        parent, _, last = path.rpartition("/")
        # Not every system shows a file only when it is whole, but all can move one.
        temporary = f"{parent}/.{last}.{uuid.uuid4().hex}{PARTIAL}"
        try:
            self._system.makedirs(parent, exist_ok=True)
            with self._system.open(temporary, "wb") as file:
                write(file)
            self._move_file(temporary, path)
        except OSError:
            raise
        except Exception as error:  # each file system has its own
            message = f"{path}: cannot write it: {first_line(error)}"
            raise OSError(message) from error

    def read(self, name: str) -> BinaryIO:
        stream: BinaryIO = self._system.open(self._path(name), "rb")
        return stream

    def move(self, name: str, to: str, last: str) -> None:
        self._system.makedirs(self._path(to), exist_ok=True)
        for entry in self.names(name):
            if entry != last:
                self._move_entry(name, to, entry)
        self._move_entry(name, to, last)
        self.remove(name)

    def remove(self, name: str) -> None:
        path = self._path(name)
        if not self._system.exists(path):
            return
        if not is_pattern(path):
            self._system.rm(path, recursive=True)
            return
        for found in self._system.find(path):
            self._system.rm_file(found)
        if self._system.exists(path):  # where folders are things of their own
            self._system.rmdir(path)

    def clean(self) -> None:
        self._system.invalidate_cache(self._root)
        for path in self._system.find(self._root):
            if _TEMPORARY.fullmatch(path.rpartition("/")[2]):
                self._system.rm_file(path)

    def _move_entry(self, name: str, to: str, entry: str) -> None:
        """Move a file from one folder to another."""
        self._move_file(self._path(f"{name}/{entry}"), self._path(f"{to}/{entry}"))

    def _move_file(self, path: str, to: str) -> None:
        """Move a file to where another may be."""
        if self._system.exists(to):
            self._system.rm_file(to)
        if is_pattern(path) or is_pattern(to):  # `mv` would look for what fits
            self._system.cp_file(path, to)
            self._system.rm_file(path)
        else:
            self._system.mv(path, to)

    def _path(self, name: str) -> str:
        """Return the path of a file in the file system."""
        return f"{self._root}/{name}"


def join_files(
    folder: Folder,
    parts: Sequence[str],
    name: str,
    between: bytes,
    ends: Sequence[bytes],
) -> None:
    """Put one file in place that holds some others, one after the other.

    Parameters
    ----------
    folder : Folder
        Where all of them are.
    parts : sequence of str
        Their names.
    name : str
        The name of the whole.
    between : bytes
        What stands between two parts.
    ends : sequence of bytes
        What stands before the first and behind the last.
    """

    def write(file: BinaryIO) -> None:
        file.write(ends[0])
        for number, part in enumerate(parts):
            if number:
                file.write(between)
            with folder.read(part) as stream:
                shutil.copyfileobj(stream, file, 1 << 20)
        file.write(ends[1])

    folder.put(name, write)
