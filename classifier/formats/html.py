"""Web pages to articles: the main text, without what stands around it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from classifier.corpus.article import make_article
from classifier.corpus.paragraphs import clean_text
from classifier.errors import ArticleError
from classifier.extras import import_extra
from classifier.formats.streams import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source

# Pages of news have tens of kilobytes of text; the rest is scripts.
_PAGE_LIMIT = 20 << 20


def read(
    source: Source, _options: ReadingOptions, _journal: Journal
) -> Iterator[Article]:
    """Yield the article of a page.

    Raises
    ------
    ArticleError
        If there is no main text in it.
    """
    yield from_page(read_document(source, _PAGE_LIMIT), source.name, source.stem)


def from_page(
    data: bytes, name: str, identity: str, *, url: str | None = None
) -> Article:
    """Return the article of a page: main text, title, date and source.

    Paragraphs that the page repeats, such as a summary or a pulled quote, stand once.

    Parameters
    ----------
    data : bytes
        The page.
    name : str
        What messages call it.
    identity : str
        The article's id.
    url : str, optional
        Where it comes from.

    Raises
    ------
    ArticleError
        If it has no main text.
    """
    if data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        message = f"{name}: compressed: unpack it first"
        raise ArticleError(message)
    trafilatura = import_extra("trafilatura", "html")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    reason = "no main text in it"
    try:
        page = trafilatura.bare_extraction(
            data, url=url, with_metadata=True, include_comments=False
        )
    except (ValueError, RecursionError, MemoryError) as error:
        page, reason = None, f"not a page that can be read ({type(error).__name__})"
    texts = (page.text or "").split("\n") if page else []
    paragraphs = [" ".join(clean_text(text).split()) for text in texts]
    # The title stands by itself, any other paragraph once.
    paragraphs = [p for p in dict.fromkeys(paragraphs) if p and p != page.title]
    if not page or not paragraphs:
        message = f"{name}: {reason}: save its text as .txt"
        raise ArticleError(message)
    fields = {
        "title": page.title or None,
        "date": page.date or None,
        "source": page.sitename or page.hostname or None,
    }
    return make_article(identity, paragraphs, fields)
