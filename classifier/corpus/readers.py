"""Files and standard input to articles."""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.corpus.article import Article, Paragraph
from classifier.corpus.paragraphs import clean_text, split_blocks, split_paragraphs
from classifier.errors import ArticleError, ArticleWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANDARD_INPUT = "-"
_MARKDOWN = (".md", ".markdown")
_TEXT = (".txt", ".text")
# Kinds that would decode as text, or be told as binary, and are neither.
_OTHER = (
    *(".html", ".htm", ".xml", ".json", ".jsonl", ".csv", ".tsv", ".parquet"),
    *(".pdf", ".docx", ".doc", ".odt", ".rtf"),
)
_FIELDS = ("title", "date", "source", "form")
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# Control characters that no text holds, in any encoding that is read here.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FRONT_MATTER = re.compile(r"---[^\S\n]*\n(.*?)(?:^|\n)---[^\S\n]*(?:\n|\Z)", re.DOTALL)


def iter_paths(paths: Iterable[str]) -> Iterator[str]:
    """Yield the files that the given paths stand for, folders opened, in order.

    A folder stands for the ``.txt`` and ``.md`` files below it, sorted by name; hidden
    files and folders are passed over. Any other path stands for itself.
    A path that leads nowhere is yielded too, and fails when it is read.
    """
    for given in paths:
        path = Path(given)
        if given == STANDARD_INPUT or not path.is_dir():
            yield given
            continue
        files = [
            file
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in (*_MARKDOWN, *_TEXT)
            and file.is_file()
            and not any(part[0] == "." for part in file.relative_to(path).parts)
        ]
        # An empty folder is reported where it is read, like any other bad input.
        yield from map(str, files) if files else [given]


def read_article(path: str) -> Article:
    """Read one article from a file or, for ``-``, from standard input.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252. Front
    matter between ``---`` lines gives title, date and source; in Markdown a leading
    ``# heading`` gives the title.

    Parameters
    ----------
    path : str
        A ``.txt`` or ``.md`` file, or ``-``.

    Returns
    -------
    Article
        At least one paragraph.

    Warns
    -----
    ArticleWarning
        If the text is not UTF-8 and was read as Windows-1252.

    Raises
    ------
    ArticleError
        If there is no such file, or it is empty, binary or of a kind not read.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    text = clean_text(decode(_read_bytes(path), name))
    fields, body = split_front_matter(text)
    if Path(path).suffix.lower() in _MARKDOWN:
        from classifier.corpus.markdown import strip_markdown  # noqa: PLC0415

        heading, body = strip_markdown(body)
        fields.setdefault("title", heading)
    paragraphs = split_paragraphs(body)
    if not paragraphs:
        message = f"{name}: no text in it: give a file with at least one paragraph"
        raise ArticleError(message)
    identity = path if path == STANDARD_INPUT else Path(path).with_suffix("").as_posix()
    return _article(identity, paragraphs, fields)


def read_corpus_article(path: Path, corpus: Path) -> Article:
    """Read an article of the corpus, whose paragraphs are parted by blank lines alone.

    Parameters
    ----------
    path : Path
        The file.
    corpus : Path
        The corpus folder, from which the article's id counts.

    Raises
    ------
    ArticleError
        If the file cannot be read or is not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path}: cannot read it: {error.strerror}"
        raise ArticleError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 (byte {error.start}): save it as UTF-8"
        raise ArticleError(message) from error
    fields, body = split_front_matter(clean_text(text))
    identity = path.relative_to(corpus).with_suffix("").as_posix()
    return _article(identity, split_blocks(body), fields)


def read_corpus(corpus: Path) -> dict[str, Article]:
    """Read every article of a corpus, by id, in the order of the ids.

    Raises
    ------
    ArticleError
        If the folder is missing or holds a file that cannot be read; the message has a
        line per file.
    """
    if not corpus.is_dir():
        message = f"{corpus}: no such folder: it should hold the corpus"
        raise ArticleError(message)
    articles, problems = {}, []
    for path in corpus.rglob("*.txt"):
        try:
            article = read_corpus_article(path, corpus)
        except ArticleError as error:
            problems.append(str(error))
        else:
            articles[str(article.id)] = article
    if problems:
        raise ArticleError("\n".join(sorted(problems)))
    return dict(sorted(articles.items()))


def decode(data: bytes, name: str) -> str:
    """Decode a text file's bytes, see `read_article`; `name` stands in messages.

    Raises
    ------
    ArticleError
        If the bytes are no text.
    """
    marked = next((e for m, e in _BYTE_ORDER_MARKS.items() if data.startswith(m)), None)
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


def split_front_matter(text: str) -> tuple[dict[str, str | None], str]:
    """Split a clean text into the fields of its front matter and its body.

    Fields other than title, date, source and form are passed over; quotes around a
    value go. A text without front matter has no fields.
    """
    start = text.lstrip("\n")
    match = _FRONT_MATTER.match(start)
    if not match:
        return {}, text
    lines = [line.partition(":") for line in match[1].split("\n") if line.strip()]
    # Between rules, but not "key: value": a text that opens with a rule of its own.
    if lines and not any(colon for _, colon, _ in lines):
        return {}, text
    found = {key.strip().lower(): value.strip() for key, _, value in lines}
    fields = {key: _unquote(found[key]) or None for key in _FIELDS if key in found}
    return fields, start[match.end() :]


def _unquote(value: str) -> str:
    """Take off one pair of quotes around a value."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _read_bytes(path: str) -> bytes:
    """Read a file of a known kind, or standard input."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    file = Path(path)
    try:
        if file.is_dir():
            message = f"{path}: no .txt or .md file in this folder"
            raise ArticleError(message)
        if file.suffix.lower() in _OTHER and file.exists():
            message = f"{path}: {file.suffix} is not read: save the text as .txt"
            raise ArticleError(message)
        return file.read_bytes()
    except FileNotFoundError as error:
        message = f"{path}: no such file: check the path"
        raise ArticleError(message) from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{path}: cannot read it: {reason}"
        raise ArticleError(message) from error


def _article(
    identity: str, paragraphs: list[str], fields: dict[str, str | None]
) -> Article:
    """Build an article from its paragraphs' texts and its front matter."""
    numbered = tuple(Paragraph(n, text) for n, text in enumerate(paragraphs, 1))
    return Article(identity, numbered, **fields)
