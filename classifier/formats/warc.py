"""Records of the web's archives to articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from classifier.corpus.article import Article
from classifier.errors import ArticleError, ClassifierError
from classifier.extras import import_extra
from classifier.formats.html import from_page
from classifier.formats.streams import open_as_it_lies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.formats.sources import Journal, ReadingOptions, Source

_PAGE_LIMIT = 20 << 20
_OK = "200"


def read(
    source: Source, _options: ReadingOptions, journal: Journal
) -> Iterator[Article]:
    """Yield the articles of the pages that an archive holds.

    A page's id is its address; where it does not tell its date, that of its capture
    stands. Requests, pictures, errors and pages without a main text are passed over.

    Raises
    ------
    ArticleError
        If the archive is damaged; the pages before the damage are yielded first.
    """
    archive = import_extra("warcio.archiveiterator", "warc")
    with open_as_it_lies(source) as stream:
        journal.watch(stream)
        try:
            last = None
            for record in archive.ArchiveIterator(stream):
                last = record
                if not _is_page(record):
                    continue
                address = record.rec_headers.get_header("WARC-Target-URI") or ""
                data = record.content_stream().read(_PAGE_LIMIT + 1)
                if len(data) > _PAGE_LIMIT:
                    journal.problem(
                        f"{source.name}: {address}: too large for a page: left out"
                    )
                    continue
                try:
                    article = from_page(data, address, address, url=address)
                except ArticleError:
                    continue  # an index, a form, a page of pictures
                yield Article(
                    article.id,
                    article.paragraphs,
                    article.title,
                    article.date or _day(record),
                    article.source or urlsplit(address).hostname,
                )
            _check_end(last, source)
        except ClassifierError:
            raise
        except Exception as error:
            reason = str(error).strip().split("\n")[0][:100]
            message = f"{source.name}: damaged, or not a WARC file ({reason})"
            raise ArticleError(message) from error


def _check_end(last: Any, source: Source) -> None:  # noqa: ANN401 - as below
    """Refuse a file that ends too early, which the library passes over."""
    if last is None:
        message = f"{source.name}: no record in it: cut off, or not a WARC file"
        raise ArticleError(message)
    if last.raw_stream.limit > 0:
        message = f"{source.name}: cut off: its last record has no end"
        raise ArticleError(message)


def _is_page(record: Any) -> bool:  # noqa: ANN401 - of a library without types
    """Tell whether a record is a page that was served as one."""
    if record.rec_type not in ("response", "resource"):
        return False
    headers = record.http_headers
    if headers is None:
        kind = record.rec_headers.get_header("Content-Type") or ""
    else:
        if headers.get_statuscode() != _OK:
            return False
        kind = headers.get_header("Content-Type") or ""
    return "html" in kind.lower()


def _day(record: Any) -> str | None:  # noqa: ANN401 - as above
    """Return the day on which a record was captured."""
    captured = record.rec_headers.get_header("WARC-Date")
    return captured[:10] if captured else None
