"""Whole files: replaced atomically, digested, and a hint for a mistyped name."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# What the names of files end with that are being written.
PARTIAL = ".partial"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file by `data`, whole or not at all, see `replacing`."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written whole or not at all.

    The data goes to a temporary file beside `path`, reaches the disk, and takes the
    place of `path` by one rename: a reader sees the old file or the new one. A link is
    followed, and an existing file keeps its mode. What is no file, such as a pipe or
    a device, is written to as it is.

    Yields
    ------
    file : binary file
        Put in place when the ``with`` block ends without an error.

    Raises
    ------
    OSError
        If the folder cannot be written to; `path` is then as it was.
    """
    import tempfile  # noqa: PLC0415 - tagging writes no file

    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    path = Path(os.path.realpath(path))
    # mkstemp makes files of mode 0600; a new file gets what open() would give it.
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name[:60]}.", suffix=PARTIAL
        )
    except OSError as error:
        error.filename = str(path)  # what was asked for, not the temporary name
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the nearest known word, or nothing."""
    import difflib  # noqa: PLC0415 - only on the way to an error message

    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
