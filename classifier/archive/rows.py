"""A table with its own rows, and columns for what its texts raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.errors import ArticleError
from classifier.formats.records import explain_no_text, find_columns, to_articles
from classifier.formats.sources import in_parts
from classifier.formats.tables import Table
from classifier.serialisation import to_csv
from classifier.tagging.results import round_probability

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source
    from classifier.tagging.tagger import Tagger

_PART = 1_000_000
_PART_PARAGRAPHS = 10_000


def add_columns(
    tagger: Tagger,
    source: Source,
    options: ReadingOptions,
    selection: Mapping[str, Any],
    journal: Journal,
) -> Iterator[str]:
    """Yield the lines of a table with the columns ``issues`` and one per issue.

    A row's issues are those of any of its paragraphs, and its probabilities the highest
    of them. A row without a text keeps its place, its new columns empty.

    Raises
    ------
    ArticleError
        If the table cannot be read, has no column of texts, or has such columns.
    """
    table = Table(source, journal)
    taken = {name.strip().lower() for name in table.header}
    added = ["issues", *tagger.issues]
    if "text" not in find_columns(table.header, source, options):
        message = f"{source.name}: {explain_no_text(table.header)}"
        raise ArticleError(message)
    for name in added:
        if name in taken:
            message = f"{source.name}: has a column '{name}' already: rename it first"
            raise ArticleError(message)
    yield to_csv([[*table.header, *added]], table.delimiter)

    rows: list[tuple[list[str], bool]] = []  # those since the last part, and if tagged

    def articles() -> Iterator[Article]:
        """Yield an article for each row that has a text, and remember the row."""
        for number, row in table.rows():
            record = dict(zip(table.header, row, strict=True))
            found = list(to_articles([(number, record)], source, options, journal))
            rows.append((row, bool(found)))
            yield from found

    for part in in_parts(articles(), _PART, _PART_PARAGRAPHS):
        yield to_csv(_complete(tagger, part, rows, selection), table.delimiter)
        rows.clear()
    empty = [""] * len(added)
    yield to_csv([[*row, *empty] for row, _ in rows], table.delimiter)


def _complete(
    tagger: Tagger,
    articles: Sequence[Article],
    rows: Sequence[tuple[list[str], bool]],
    selection: Mapping[str, Any],
) -> Iterator[list[Any]]:
    """Yield rows with what was added to them."""
    ranked = tagger.rank(articles, **selection).split([1] * len(articles))
    empty = [""] * (1 + len(tagger.issues))
    for row, is_article in rows:
        if not is_article:
            yield [*row, *empty]
            continue
        own = next(ranked)
        highest = own.probabilities.max(axis=0)
        indices = {i for indices in own.ranks for i in indices}
        by_rank = sorted(indices, key=lambda i: (-highest[i], i))
        issues = " ".join(tagger.issues[i] for i in by_rank)
        yield [*row, issues, *map(round_probability, np.asarray(highest).tolist())]
