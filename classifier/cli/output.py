"""Text for terminals, pipes and files."""

from __future__ import annotations

import io
import json
import os
import shutil
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from classifier.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
        self._parts: list[str] = []
        if self._path and self._path.is_dir():
            message = f"'{path}' is a folder: name a file"
            raise click.BadParameter(message, param_hint=f"'{option}'")
        if self._path and self._path.is_file():
            for given in inputs:
                if Path(given).is_file() and self._path.samefile(given):
                    message = f"'{path}' is read as well: name another file"
                    raise click.BadParameter(message, param_hint=f"'{option}'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._path and kind is None:
            text = click.unstyle("".join(self._parts))
            replace_file(self._path, text.encode("utf-8", "surrogateescape"))

    def discard(self) -> None:
        """Leave the file as it was."""
        self._path = None

    def write(self, text: str) -> None:
        """Write some text."""
        if self._path:
            self._parts.append(text)
        else:
            click.echo(text, nl=False)


def to_json(data: Any, *, indent: int | None = None) -> str:  # noqa: ANN401
    """Return data as JSON that says what it cannot hold (NaN) rather than invent."""
    return json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False)


def to_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV."""
    import csv  # noqa: PLC0415 - a table for people needs it not

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def terminal_width() -> int:
    """Return the columns to fill: COLUMNS, else the terminal's, else 80.

    Standard error's terminal counts as well, for a table that goes into a pager.
    """
    width = shutil.get_terminal_size((0, 0)).columns
    if width <= 0:
        try:
            width = os.get_terminal_size(2).columns
        except OSError:
            width = 0
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
