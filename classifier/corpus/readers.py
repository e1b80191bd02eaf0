"""The files of a corpus to articles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from classifier.corpus.article import Article, make_article
from classifier.corpus.paragraphs import clean_text, split_blocks
from classifier.errors import ArticleError

if TYPE_CHECKING:
    from pathlib import Path

_FIELDS = ("title", "date", "source", "form")
_FRONT_MATTER = re.compile(r"---[^\S\n]*\n(.*?)(?:^|\n)---[^\S\n]*(?:\n|\Z)", re.DOTALL)


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
    return make_article(identity, split_blocks(body), fields)


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
