"""Text for terminals, pipes and files."""

from __future__ import annotations

import os
import unicodedata
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import click

from classifier.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType


class _DiscardedError(Exception):
    """Raised to leave a file as it was."""


class Output:
    """Where a command's data goes: standard output at once, or a file at the end.

    Parameters
    ----------
    path : str, optional
        The file, put in place whole when the ``with`` block ends without an error.
    inputs : iterable of str
        What is read; none of it may be the file.
    option : str
        The option that names the file, for messages.
    """

    def __init__(
        self, path: str | None, inputs: Iterable[str] = (), option: str = "-o"
    ) -> None:
        self._path = Path(path) if path not in (None, "-") else None
        self._stack = ExitStack()
        self._file: BinaryIO | None = None
        if self._path and self._path.is_dir():
            message = f"'{path}' is a folder: name a file"
            raise click.BadParameter(message, param_hint=f"'{option}'")
        if self._path and self._path.is_file():
            for given in inputs:
                if Path(given).is_file() and self._path.samefile(given):
                    message = f"'{path}' is read as well: name another file"
                    raise click.BadParameter(message, param_hint=f"'{option}'")

    def __enter__(self) -> Self:
        if self._path:
            self._file = self._stack.enter_context(replacing(self._path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def discard(self) -> None:
        """Leave the file as it was."""
        if self._file:
            self._file = None
            with suppress(_DiscardedError):
                self._stack.__exit__(_DiscardedError, _DiscardedError(), None)

    def write(self, text: str) -> None:
        """Write some text."""
        if self._file:
            plain = click.unstyle(text)
            try:
                self._file.write(plain.encode("utf-8", "surrogateescape"))
            except UnicodeEncodeError:  # half of a character, in no encoding
                self._file.write(plain.encode("utf-8", "replace"))
        else:
            click.echo(text, nl=False)


def terminal_width() -> int:
    """Return the columns to fill: COLUMNS, else the terminal's, else 80.

    Standard error's terminal counts as well, for a table that goes into a pager.
    """
    given = os.environ.get("COLUMNS", "")
    width = int(given) if given.isascii() and given.isdigit() else 0
    for stream in (1, 2):
        if width <= 0:
            with suppress(OSError):
                width = os.get_terminal_size(stream).columns
    return max(width, 40) if width > 0 else 80


def text_width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def shorten(text: str, width: int) -> str:
    """Cut a text to so many columns, an ellipsis at its end."""
    if text_width(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += text_width(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "\u2026"


def pad(text: str, width: int) -> str:
    """Fill a text up to so many columns."""
    return text + " " * (width - text_width(text))


def printable(text: str) -> str:
    """Return a text without control characters, which could steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def count_of(number: int, what: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> count_of(1200, "article"), count_of(1, "article")
    ('1,200 articles', '1 article')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def to_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a header, numbers to the right, the first column to the left.

    A column counts as numbers where every filled cell starts with a digit, sign or
    point.
    """
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(text_width, column)) for column in columns]
    is_number = [
        all(not cell or cell[0].isdigit() or cell[0] in "-+." for cell in column[1:])
        for column in columns
    ]
    lines = []
    for row in (header, *rows):
        cells = [
            cell.rjust(width) if number and i else pad(cell, width)
            for i, (cell, width, number) in enumerate(
                zip(row, widths, is_number, strict=True)
            )
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([click.style(lines[0], bold=True), *lines[1:]]) + "\n"
