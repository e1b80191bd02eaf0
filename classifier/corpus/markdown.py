"""Markdown to the text that a reader sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Markdown as articles are saved in: what is markup goes, what is read stays.
_MARKUP: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.DOTALL | re.MULTILINE), ""),
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]+)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"^[ \t]{0,3}(?:[-*_][ \t]*){3,}$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}#{1,6}\s+[^\n]*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    # Tables: the line under the header goes, cells are parted by commas.
    (
        re.compile(r"^[ \t]{0,3}\|?(?:[ \t]*:?-+:?[ \t]*\|)+[-: \t]*\n", re.MULTILINE),
        "",
    ),
    (re.compile(r"^[ \t]{0,3}\|(.+)\|[ \t]*$", re.MULTILINE), lambda m: _to_row(m[1])),
    (re.compile(r"^[ \t]{0,3}(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE), "\n"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>-])"), r"\1"),
)
_HEADING = re.compile(r"\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")


def strip_markdown(text: str) -> tuple[str | None, str]:
    """Return the leading heading, if any, and the text without markup."""
    match = _HEADING.match(text)
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return (match[1] if match else None), text


def _to_row(cells: str) -> str:
    """Return the cells of a table's row, parted by commas."""
    return ", ".join(filter(None, map(str.strip, cells.split("|"))))
