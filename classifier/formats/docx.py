"""Word documents to articles."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from classifier.corpus.article import make_article
from classifier.corpus.paragraphs import clean_text
from classifier.errors import ArticleError
from classifier.extras import import_extra
from classifier.formats.streams import DOCUMENT_LIMIT, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source

_TITLES = ("Title", "Heading 1")


def read(
    source: Source, _options: ReadingOptions, _journal: Journal
) -> Iterator[Article]:
    """Yield the article of a Word document.

    Raises
    ------
    ArticleError
        If it is damaged, asks for a password, or has no text in it.
    """
    docx = import_extra("docx", "docx")
    data = read_document(source)
    try:
        _check_size(data, source)
        document = docx.Document(io.BytesIO(data))
        lines = list(_lines(document))
        title = (document.core_properties.title or "").strip() or None
    except ArticleError:
        raise
    except Exception as error:
        reason = "not a Word document, damaged, or with a password"
        message = f"{source.name}: {reason}: save it anew as .docx"
        raise ArticleError(message) from error
    texts = [(style, " ".join(clean_text(text).split())) for style, text in lines]
    texts = [(style, text) for style, text in texts if text]
    if texts and texts[0][0] in _TITLES:
        title = texts.pop(0)[1]
    if not texts:
        message = f"{source.name}: no text in it"
        raise ArticleError(message)
    # The day on which a document, or its template, was made tells of no article.
    fields = {"title": title, "date": None, "source": None}
    yield make_article(source.stem, [text for _, text in texts], fields)


def _lines(document: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - python-docx's
    """Yield the paragraphs and the rows of tables, each with its style."""
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                # A cell over several columns stands in each of them.
                cells = dict.fromkeys(cell.text.strip() for cell in row.cells)
                yield "", ", ".join(filter(None, cells))
        else:
            yield block.style.name if block.style else "", block.text


def _check_size(data: bytes, source: Source) -> None:
    """Refuse a document that would fill the memory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size > 4 * DOCUMENT_LIMIT:
        message = f"{source.name}: inflates to {size >> 20} MB: refused"
        raise ArticleError(message)
