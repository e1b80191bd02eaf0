"""Rows of Parquet files to articles."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from classifier.errors import ArticleError
from classifier.extras import import_extra
from classifier.formats.records import explain_no_text, find_columns
from classifier.formats.streams import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.formats.records import Record
    from classifier.formats.sources import Journal, ReadingOptions, Source

# Rows held at once.
_BATCH = 1024


def records(
    source: Source, options: ReadingOptions, journal: Journal
) -> Iterator[Record]:
    """Yield the rows of a Parquet file, by their columns' names.

    Only the columns that are used are read.

    Raises
    ------
    ArticleError
        If the file is damaged, or has no column of texts.
    """
    parquet = import_extra("pyarrow.parquet", "parquet")
    pyarrow = import_extra("pyarrow", "parquet")
    number = 0
    with ExitStack() as stack:
        stream = stack.enter_context(open_source(source, journal))
        try:
            if not stream.seekable():
                # The table of contents stands at the end, where a pipe cannot go first.
                pipe, stream = stream, stack.enter_context(TemporaryFile())
                shutil.copyfileobj(pipe, stream)
            file = parquet.ParquetFile(stream, pre_buffer=False)
            names = file.schema_arrow.names
            columns = find_columns(names, source, options)
            if "text" not in columns:
                message = f"{source.name}: {explain_no_text(names)}"
                raise ArticleError(message)
            used = list(dict.fromkeys(columns.values()))
            for batch in file.iter_batches(_BATCH, columns=used, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
        except (pyarrow.ArrowException, OSError) as error:
            where = f"{source.name}, row {number + 1}" if number else source.name
            reason = str(error).split("\n")[0][:100]
            message = f"{where}: damaged, or not a Parquet file ({reason})"
            raise ArticleError(message) from error
