"""Rows of CSV and TSV files to articles."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from classifier.errors import ArticleError
from classifier.formats.streams import LINE_LIMIT, read_lines
from classifier.formats.text import BYTE_ORDER_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.formats.records import Record
    from classifier.formats.sources import Journal, ReadingOptions, Source

_DELIMITERS = ",;\t|"


class Table:
    """The rows of a CSV or TSV file, one after the other.

    UTF-8, else Windows-1252 line by line. The delimiter is the one by which the header
    has the most columns; a TSV file's is the tabulator.

    Parameters
    ----------
    source : Source
        The file.
    journal : Journal
        Told of each row that does not fit the header.

    Attributes
    ----------
    header : list of str
        The names of the columns.
    delimiter : str
        What parts them.

    Raises
    ------
    ArticleError
        If the file cannot be read or has no header.
    """

    def __init__(self, source: Source, journal: Journal) -> None:
        self._source = source
        self._journal = journal
        self._lines = self._decode()
        first = next(self._lines, "")
        delimiters = "\t" if source.kind == "tsv" else _DELIMITERS
        parsed = {d: _parse_header(first, d, strict=True) for d in delimiters}
        if max(map(len, parsed.values())) <= 1:
            parsed = {d: _parse_header(first, d, strict=False) for d in delimiters}
        self.delimiter = max(parsed, key=lambda delimiter: len(parsed[delimiter]))
        self.header = parsed[self.delimiter]
        if not any(self.header):
            message = f"{source.name}: no header: name the columns in the first line"
            raise ArticleError(message)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows with the numbers of their last lines.

        Raises
        ------
        ArticleError
            If the file cannot be read any further.
        """
        csv.field_size_limit(LINE_LIMIT)
        reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                message = f"{self._name(reader.line_num)}: {_explain(error)}"
                if "expected after" not in str(error):
                    raise ArticleError(message) from error
                # A quote too many spoils its row; the next line is read afresh.
                self._journal.problem(f"{message}: left out")
                continue
            if row is None:
                return
            if not row:
                continue
            if len(row) != len(self.header):
                self._journal.problem(
                    f"{self._name(reader.line_num)}: {len(row)} fields, the header has "
                    f"{len(self.header)}: left out"
                )
                continue
            yield reader.line_num + 1, row

    def _name(self, n_lines: int) -> str:
        """Return the file and the line for a message; the header is line 1."""
        return f"{self._source.name}:{n_lines + 1}"

    def _decode(self) -> Iterator[str]:
        """Yield the lines as text."""
        for number, line in read_lines(self._source, self._journal):
            data = line
            if number == 1:
                mark = next((m for m in BYTE_ORDER_MARKS if line.startswith(m)), b"")
                if BYTE_ORDER_MARKS.get(mark) == "utf-16":
                    message = f"{self._source.name}: UTF-16: save it as UTF-8"
                    raise ArticleError(message)
                data = line.removeprefix(mark)
            try:
                text = data.decode()
            except UnicodeDecodeError:
                text = data.decode("cp1252", "replace")
            if "\0" in text:
                message = f"{self._source.name}:{number}: binary, not a table"
                raise ArticleError(message)
            yield text


def records(
    source: Source, _options: ReadingOptions, journal: Journal
) -> Iterator[Record]:
    """Yield the rows of a CSV or TSV file, by their columns' names.

    Raises
    ------
    ArticleError
        If the file cannot be read.
    """
    table = Table(source, journal)
    for number, row in table.rows():
        yield number, dict(zip(table.header, row, strict=True))


def _parse_header(line: str, delimiter: str, *, strict: bool) -> list[str]:
    """Return the names in a header; strictly none where it has a stray quote."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return []


def _explain(error: csv.Error) -> str:
    """Return why a table cannot be read any further."""
    reason = str(error)
    if "unexpected end" in reason:
        return "cut off: a quoted field has no end"
    if "field larger" in reason:
        return f"a field of more than {LINE_LIMIT >> 20} MB"
    return f"a stray quote ({reason})"
