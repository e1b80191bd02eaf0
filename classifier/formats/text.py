"""Text and Markdown files to articles."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from classifier.corpus.article import make_article
from classifier.corpus.paragraphs import clean_text, split_paragraphs
from classifier.corpus.readers import split_front_matter
from classifier.errors import ArticleError, ArticleWarning
from classifier.formats.sources import STANDARD_INPUT
from classifier.formats.streams import read_document, refuse_compressed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source

BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# How files that are no prose begin.
_OTHER_KINDS = {
    "pdf": re.compile(rb"%PDF-"),
    "html": re.compile(rb"<(!doctype html|html[ >])", re.IGNORECASE),
    "jsonl": re.compile(rb"\{\s*\"\w+\"\s*:"),
}
# Control characters that no text holds, in any encoding that is read here.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read(
    source: Source, _options: ReadingOptions, _journal: Journal
) -> Iterator[Article]:
    """Yield the article of a text or Markdown file.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252. Front
    matter between ``---`` lines gives title, date and source; in Markdown a leading
    ``# heading`` gives the title.

    Warns
    -----
    ArticleWarning
        If the text is not UTF-8 and was read as Windows-1252.

    Raises
    ------
    ArticleError
        If there is no such file, or it is empty, binary or of a kind not read.
    """
    data = read_document(source)
    refuse_compressed(data, source)
    if source.kind == "text":
        _refuse_other(data, source)
    text = clean_text(decode(data, source.name))
    fields, body = split_front_matter(text)
    if source.kind == "markdown":
        from classifier.corpus.markdown import strip_markdown  # noqa: PLC0415

        heading, body = strip_markdown(body)
        fields.setdefault("title", heading)
    paragraphs = split_paragraphs(body)
    if not paragraphs:
        message = (
            f"{source.name}: no text in it: give a file with at least one paragraph"
        )
        raise ArticleError(message)
    yield make_article(source.stem.replace("\\", "/"), paragraphs, fields)


def _refuse_other(data: bytes, source: Source) -> None:
    """Refuse what is plainly no prose, which standard input often holds.

    Raises
    ------
    ArticleError
        If it is a PDF or HTML file, or JSON lines.
    """
    beginning = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = next((k for k, p in _OTHER_KINDS.items() if p.match(beginning)), None)
    if kind:
        mend = f"name it .{kind}"
        if source.path == STANDARD_INPUT:
            mend = f"give --input-format {kind}"
        message = f"{source.name}: looks like {kind.upper()}, not like prose: {mend}"
        raise ArticleError(message)


def decode(data: bytes, name: str) -> str:
    """Decode a text file's bytes, see `read`; `name` stands in messages.

    Raises
    ------
    ArticleError
        If the bytes are no text.
    """
    marked = next((e for m, e in BYTE_ORDER_MARKS.items() if data.startswith(m)), None)
    text = None
    try:
        text = data.decode(marked or "utf-8")
    except UnicodeDecodeError as error:
        if not marked:
            text = data.decode("cp1252", "replace")
            broken = "\ufffd" in text
            text = None if broken or _CONTROLS.search(text) else text
            if text is not None:
                line = data.count(b"\n", 0, error.start) + 1
                warnings.warn(
                    f"{name}:{line}: not UTF-8; read as Windows-1252",
                    ArticleWarning,
                    stacklevel=2,
                )
    if text is None or _CONTROLS.search(text):
        message = f"{name}: binary, not a text: give the article's text in UTF-8"
        raise ArticleError(message)
    return text
