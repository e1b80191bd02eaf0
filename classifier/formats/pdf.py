"""PDF files with text in them to articles."""

from __future__ import annotations

import io
import logging
import warnings
from typing import TYPE_CHECKING

from classifier.corpus.article import make_article
from classifier.corpus.paragraphs import split_paragraphs
from classifier.errors import ArticleError
from classifier.extras import import_extra
from classifier.formats.streams import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source

# Most of a large file is pictures.
_FILE_LIMIT = 256 << 20
# A book's worth; what is longer is no article.
_MOST_PAGES = 2000


def read(
    source: Source, _options: ReadingOptions, _journal: Journal
) -> Iterator[Article]:
    """Yield the article of a PDF file.

    Raises
    ------
    ArticleError
        If it is damaged, asks for a password, or has no text in it.
    """
    pypdf = import_extra("pypdf", "pdf")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    data = read_document(source, _FILE_LIMIT)
    reason = ""
    pages: list[str] = []
    title = date = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = pypdf.PdfReader(io.BytesIO(data))
            if document.is_encrypted and not document.decrypt(""):
                reason = "asks for a password: save it without one"
            elif len(document.pages) > _MOST_PAGES:
                reason = f"has more than {_MOST_PAGES} pages: give its articles apart"
            else:
                pages = [page.extract_text() for page in document.pages]
                title, date = _metadata(document)
    except Exception as error:  # noqa: BLE001 - whatever a damaged file brings about
        reason = f"damaged ({str(error).split(chr(10))[0][:80]}): cannot read it"
    paragraphs = [] if reason else split_paragraphs("\n".join(pages))
    if not paragraphs:
        reason = reason or "no text in it, perhaps a scan: recognise its text first"
        message = f"{source.name}: {reason}"
        raise ArticleError(message)
    fields = {"title": title, "date": date, "source": None}
    yield make_article(source.stem, paragraphs, fields)


def _metadata(document: object) -> tuple[str | None, str | None]:
    """Return a document's title and the day it was made, where it tells."""
    metadata = getattr(document, "metadata", None)
    title = str(getattr(metadata, "title", None) or "").strip() or None
    try:
        made = getattr(metadata, "creation_date", None)
    except ValueError:  # a date that is none
        made = None
    return title, made.date().isoformat() if made else None
