"""Text to paragraphs, as people save articles."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# What a page's typesetting leaves in a saved text: invisible marks inside words (they
# would cut the word in two) and blanks that are no ordinary space.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"), "")
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f"), " ")
_LINE_ENDS = {ord("\v"): "\n", ord("\f"): "\n\n", 0x85: "\n", 0x2028: "\n"}
_CLEANED = {
    chr(code): text
    for code, text in (_INVISIBLE | _BLANKS | _LINE_ENDS | {0x2029: "\n\n"}).items()
}
# Few of them stand in a text, so that each is looked for first: a tenth of the time
# that the pattern takes, which takes a tenth of what translating all characters does.
_TO_CLEAN = re.compile(f"[{''.join(_CLEANED)}]")

# Nobody wraps lines by hand or by editor beyond this many characters.
_WIDEST_WRAP = 120
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_SENTENCE_END = re.compile(r"""[.!?:;\u2026]["'\u201d\u2019)\]]*$""")


def clean_text(text: str) -> str:
    r"""Undo what typesetting and editors do to a text; its words stay as they are.

    NFC, every line end as ``\n``, no-break and thin spaces as spaces, soft hyphens and
    zero-width marks gone. Curly quotes stay.

    Examples
    --------
    >>> clean_text("semi\u00adconductor\u00a0ban\r\n")
    'semiconductor ban\n'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and "\v" not in text and "\f" not in text:
        return text
    if any(map(text.__contains__, _CLEANED)):
        text = _TO_CLEAN.sub(lambda match: _CLEANED[match[0]], text)
    return unicodedata.normalize("NFC", text)


def split_blocks(text: str) -> list[str]:
    """Split a clean text at blank lines, each block folded onto one line.

    This is the rule of the corpus, where a label's paragraph number has to mean the
    same to everybody.
    """
    return [" ".join(b.split()) for b in _BLANK_LINES.split(text) if b.strip()]


def split_paragraphs(text: str) -> list[str]:
    r"""Split a text into paragraphs, each on one line.

    Blank lines part paragraphs. Where there are none (or only one, below a title) each
    line is a paragraph, unless the lines are those of a hard-wrapped text: then they
    are joined, and a paragraph ends at an indent or at a short last line. A line that
    is too long to be a wrapped one is a paragraph of its own anywhere.

    Parameters
    ----------
    text : str
        Any text; it is cleaned as by `clean_text`.

    Returns
    -------
    list of str
        The paragraphs; empty for a text of white space.

    Examples
    --------
    >>> split_paragraphs("One\nparagraph.\n\nAnother.")
    ['One paragraph.', 'Another.']
    >>> split_paragraphs("One paragraph.\nAnother.")
    ['One paragraph.', 'Another.']
    """
    blocks = [b for b in _BLANK_LINES.split(clean_text(text)) if b.strip()]
    has_title = len(blocks) == 2 and "\n" not in blocks[0].strip()  # noqa: PLR2004
    paragraphs = []
    for number, block in enumerate(blocks):
        lines = [line.rstrip() for line in block.split("\n") if line.strip()]
        if len(blocks) == 1 or (has_title and number == 1):
            pieces = _join_wrapped(lines) if _is_wrapped(lines) else lines
        elif max(map(len, lines)) > _WIDEST_WRAP:
            pieces = lines
        else:
            pieces = [_join(lines)]
        paragraphs += [" ".join(piece.split()) for piece in pieces]
    return paragraphs


def _is_wrapped(lines: list[str]) -> bool:
    """Tell whether line ends are an editor's: most are full, most cut a sentence."""
    width = max(map(len, lines))
    breaks = list(pairwise(lines))
    if not breaks or width > _WIDEST_WRAP:
        return False
    full = sum(_is_full(line, after, width) for line, after in breaks)
    cut = sum(_SENTENCE_END.search(line) is None for line, _ in breaks)
    return 2 * full >= len(breaks) and 2 * cut >= len(breaks)


def _is_full(line: str, after: str, width: int) -> bool:
    """Tell whether the next line's first word would not have fitted on this one."""
    return len(line) + 1 + len(after.split(None, 1)[0]) > width


def _join_wrapped(lines: list[str]) -> list[str]:
    """Join the lines of a hard-wrapped text without blank lines into paragraphs."""
    width = max(map(len, lines))
    paragraphs = [[lines[0]]]
    for line, after in pairwise(lines):
        indented = after[0].isspace() and not line[0].isspace()
        ended = _SENTENCE_END.search(line) and not _is_full(line, after, width)
        if indented or ended:
            paragraphs.append([])
        paragraphs[-1].append(after)
    return [_join(paragraph) for paragraph in paragraphs]


def _join(lines: list[str]) -> str:
    """Join lines by spaces; a word cut at its own hyphen stays whole."""
    text = "\n".join(line.strip() for line in lines)
    return re.sub(r"(?<=[^\W\d_]-)\n(?=[^\W\d_])", "", text).replace("\n", " ")
