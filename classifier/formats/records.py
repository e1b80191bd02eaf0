"""Records with named fields to articles: JSON lines, and what rows of tables share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from classifier.corpus.article import make_article
from classifier.corpus.paragraphs import clean_text, split_paragraphs
from classifier.errors import ArticleError
from classifier.files import did_you_mean
from classifier.formats.sources import Journal
from classifier.formats.streams import read_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from classifier.corpus.article import Article
    from classifier.formats.sources import ReadingOptions, Source

    # A record with the number by which messages name it.
    Record = tuple[int, bytes | Mapping[str, Any]]

# The names by which each column is found, in lower case, the first that is there.
NAMES = {
    "text": (
        *("text", "body", "content", "fulltext", "full_text", "article_text"),
        *("maintext", "main_text", "article_body", "articlebody", "story"),
    ),
    "title": ("title", "headline", "heading", "article_title"),
    "date": (
        *("date", "published", "publication_date", "pub_date", "pubdate"),
        *("published_at", "date_published", "datepublished", "datetime", "created"),
    ),
    "source": ("source", "outlet", "publisher", "publication", "newspaper", "site"),
    "id": (
        *("id", "article", "article_id", "articleid", "doc_id", "document_id"),
        *("docid", "guid", "url", "link"),
    ),
    "paragraph": ("paragraph",),
}
_NUMBERED = "paragraph"
_LARGEST_NUMBER = 1 << 31
# What stands in the fields of an article; the others say which article it is.
_FIELDS = ("title", "date", "source")


def records(
    source: Source, _options: ReadingOptions, journal: Journal
) -> Iterator[Record]:
    """Yield the lines of a file of JSON lines.

    Raises
    ------
    ArticleError
        If the file cannot be read.
    """
    for number, line in read_lines(source, journal):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if number == 1 and text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            message = f"{source.name}: UTF-16: save it as UTF-8"
            raise ArticleError(message)
        if text.strip():
            yield number, text


def to_articles(
    found: Iterable[Record], source: Source, options: ReadingOptions, journal: Journal
) -> Iterator[Article]:
    """Turn records into articles.

    A record is an article, its text split into paragraphs; where it has the number of a
    paragraph it is that paragraph, and neighbours of the same id make an article.

    Parameters
    ----------
    found : iterable of (int, bytes or mapping)
        Each with the number by which messages name it; bytes are a line of JSON.
    source : Source
        Where they come from.
    options : ReadingOptions
        Which columns hold what.
    journal : Journal
        Told of each record without a text.

    Raises
    ------
    ArticleError
        If a column is missing that was named, or a table has none of texts.
    """
    columns: dict[str, str] = {}
    known: Collection[str] = ()
    gathered = _Gathered()
    try:
        for number, raw in found:
            record = _parse(number, raw, source, journal)
            if record is None:
                continue
            if record.keys() != known:
                known = record.keys()
                columns = find_columns(known, source, options)
            text = _text_of(number, record, columns, source, journal)
            if text is None:
                continue
            fields = {
                name: _to_field(record[columns[name]]) if name in columns else None
                for name in ("id", *_FIELDS)
            }
            numbered = columns.get(_NUMBERED)
            place = None if numbered is None else _to_number(record.get(numbered))
            if fields["id"] is None or place is None:
                yield from gathered.close()
                identity = fields.pop("id") or f"{source.stem}:{number}"
                yield make_article(identity, split_paragraphs(text), fields)
            else:
                folded = " ".join(clean_text(text).split())
                yield from gathered.add(fields, place, folded)
    except ArticleError:
        yield from gathered.close()  # what stands before the damage
        raise
    yield from gathered.close()


def cut_records(
    found: Iterable[Record], source: Source, options: ReadingOptions, size: int
) -> Iterator[list[Record]]:
    """Yield records in lists that are closed at so many bytes or characters.

    They are left as they are, but where they number their paragraphs: those of one
    article stay in one list.
    """
    part: list[Record] = []
    total = 0
    column: str | None = None  # of ids, where the records are paragraphs
    last = None
    is_known = False
    try:
        for number, raw in found:
            if not is_known:
                record = _parse(number, raw, source, Journal())
                is_known = record is not None
                if record:
                    names = find_columns(record.keys(), source, options)
                    column = column_of_ids(names)
            article = None
            if column:
                article = (_parse(number, raw, source, Journal()) or {}).get(column)
            if total >= size and (article is None or article != last):
                yield part
                part, total = [], 0
            part.append((number, raw))
            total += len(raw) if isinstance(raw, bytes) else _size_of(raw)
            last = article
    except ArticleError:
        if part:
            yield part  # what stands before the damage
        raise
    if part:
        yield part


class _Gathered:
    """Records of the paragraphs of one article, until that of another comes."""

    def __init__(self) -> None:
        self._fields: dict[str, str | None] = {}
        self._numbers: list[int] = []
        self._texts: list[str] = []

    def add(
        self, fields: dict[str, str | None], number: int, text: str
    ) -> Iterator[Article]:
        """Add a paragraph; yield the article before it, if it is of another."""
        if self._texts and fields["id"] != self._fields["id"]:
            yield from self.close()
        if not self._texts:
            self._fields = fields
        self._numbers.append(number)
        self._texts.append(text)

    def close(self) -> Iterator[Article]:
        """Yield the article gathered, if there is one."""
        if self._texts:
            rest = {name: self._fields[name] for name in _FIELDS}
            yield make_article(self._fields["id"], self._texts, rest, self._numbers)
            self._numbers, self._texts = [], []


def find_columns(
    names: Collection[str], source: Source, options: ReadingOptions
) -> dict[str, str]:
    """Return which of some columns holds what.

    Raises
    ------
    ArticleError
        If the user named one that is not there.
    """
    by_name = {str(name).strip().lower(): name for name in names}
    columns = {}
    for what, usual in NAMES.items():
        named = options.columns.get(what)
        if named is not None:
            column = named if named in names else by_name.get(named.lower())
            if column is None and source.kind == "jsonl":
                continue  # a record may lack what others have
            if column is None:
                hint = did_you_mean(named, list(map(str, names)))
                message = (
                    f"{source.name}: no column '{named}'{hint}: it has {_listed(names)}"
                )
                raise ArticleError(message)
            columns[what] = column
        else:
            column = next((by_name[name] for name in usual if name in by_name), None)
            if column is not None:
                columns[what] = column
    return columns


def column_of_ids(columns: Mapping[str, str]) -> str | None:
    """Return the column of ids among those found, where records number paragraphs."""
    return columns.get("id") if _NUMBERED in columns else None


def _parse(
    number: int, raw: bytes | Mapping[str, Any], source: Source, journal: Journal
) -> Mapping[str, Any] | None:
    """Return a record's fields; None for a line that is no JSON object."""
    if not isinstance(raw, bytes):
        return raw
    try:
        record = json.loads(raw.decode())
    except UnicodeDecodeError:
        journal.problem(f"{source.name}:{number}: not UTF-8: left out")
        return None
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "nested too deeply")
        journal.problem(f"{source.name}:{number}: not JSON ({reason}): left out")
        return None
    if not isinstance(record, dict):
        journal.problem(f"{source.name}:{number}: not a JSON object: left out")
        return None
    return record


def _text_of(
    number: int,
    record: Mapping[str, Any],
    columns: Mapping[str, str],
    source: Source,
    journal: Journal,
) -> str | None:
    """Return a record's text; None, and a note, where there is none."""
    if "text" not in columns:
        message = explain_no_text(record.keys())
        if source.kind != "jsonl":  # a table's records are all alike
            message = f"{source.name}: {message}"
            raise ArticleError(message)
        journal.problem(f"{source.name}:{number}: {message}")
        return None
    text = record[columns["text"]]
    if isinstance(text, str):
        text = _without_surrogates(text)
    if not isinstance(text, str) or not clean_text(text).strip():
        journal.problem(
            f"{source.name}:{number}: no text in '{columns['text']}': left out"
        )
        return None
    return text


def _size_of(record: Mapping[str, Any]) -> int:
    """Return the characters of a record."""
    return sum(len(value) for value in record.values() if isinstance(value, str))


def _to_number(value: object) -> int | None:
    """Return the number of a paragraph, which in a table may be a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    is_number = type(value) is int and 0 <= value < _LARGEST_NUMBER
    return value if is_number else None  # type: ignore[return-value]


def _to_field(value: object) -> str | None:
    """Return a value as the text that stands for it in results."""
    if value is None or value != value:  # noqa: PLR0124 - NaN stands for nothing
        return None
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        return str(text.removesuffix("T00:00:00"))
    return _without_surrogates(str(value)).strip() or None


def _without_surrogates(text: str) -> str:
    """Replace halves of characters, which no file could hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def explain_no_text(names: Collection[str]) -> str:
    """Return what to say of records in none of whose columns texts are found."""
    return f"no texts in it, only {_listed(names)}: give --column text=NAME"


def _listed(names: Collection[str]) -> str:
    """Return some columns' names for a message."""
    shown = ", ".join(f"'{name}'" for name in list(names)[:12])
    return shown + (" ..." if len(names) > 12 else "")  # noqa: PLR2004 - a line full
