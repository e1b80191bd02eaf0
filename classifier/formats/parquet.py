"""Rows of Parquet files to articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifier.errors import ArticleError
from classifier.extras import import_extra
from classifier.formats.records import explain_no_text, find_columns, to_articles
from classifier.formats.streams import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source

# Rows held at once.
_BATCH = 8192


def read(
    source: Source, options: ReadingOptions, journal: Journal
) -> Iterator[Article]:
    """Yield the articles of a Parquet file; only the columns that are used are read.

    Raises
    ------
    ArticleError
        If the file is damaged, or has no column of texts.
    """
    yield from to_articles(
        _read_rows(source, options, journal), source, options, journal
    )


def _read_rows(
    source: Source, options: ReadingOptions, journal: Journal
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows, each with its number from 1."""
    parquet = import_extra("pyarrow.parquet", "parquet")
    pyarrow = import_extra("pyarrow", "parquet")
    number = 0
    with open_source(source, journal) as stream:
        try:
            file = parquet.ParquetFile(stream)
            names = file.schema_arrow.names
            columns = find_columns(names, source, options)
            if "text" not in columns:
                message = f"{source.name}: {explain_no_text(names)}"
                raise ArticleError(message)
            used = list(dict.fromkeys(columns.values()))
            for batch in file.iter_batches(_BATCH, columns=used):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
        except (pyarrow.ArrowException, OSError) as error:
            where = f"{source.name}, row {number + 1}" if number else source.name
            reason = str(error).split("\n")[0][:100]
            message = f"{where}: damaged, or not a Parquet file ({reason})"
            raise ArticleError(message) from error
