"""Tagged articles to the bytes of each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from classifier.extras import import_extra
from classifier.serialisation import to_csv, to_json
from classifier.tagging.results import csv_header, to_csv_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifier.tagging.tagger import Ranked, Tagger

# Paragraphs of a row group of Parquet, which readers hold at once.
_ROW_GROUP = 20_000


class Encoded(NamedTuple):
    """What a batch of articles became.

    Attributes
    ----------
    n_paragraphs, n_tagged : int
        How many paragraphs, and how many of them have an issue.
    write : callable
        Writes the bytes to a binary file.
    """

    n_paragraphs: int
    n_tagged: int
    write: Callable[[BinaryIO], Any]


class Format(NamedTuple):
    """How tagged articles are written.

    Attributes
    ----------
    suffix : str
        Of the files.
    encode : callable
        From a tagger and what it found of some articles to `Encoded`.
    between : bytes
        What stands between two batches in one file.
    ends : callable
        From the issues to what stands before the first batch and behind the last.
    is_joined : bool
        Whether the batches of one input become one file; else each stays a file of its
        own, and the input becomes a folder.
    """

    suffix: str
    encode: Callable[[Tagger, Ranked], Encoded]
    between: bytes = b""
    ends: Callable[[tuple[str, ...]], tuple[bytes, bytes]] = lambda _: (b"", b"")
    is_joined: bool = True


def _encode_jsonl(tagger: Tagger, ranked: Ranked) -> Encoded:
    """Encode a line per paragraph."""
    tagged = tagger.assemble(ranked)
    records = [record for article in tagged for record in article.to_records()]
    data = "".join(f"{to_json(record)}\n" for record in records)
    n_tagged = sum(1 for record in records if record["issues"])
    return _of_text(data, len(records), n_tagged)


def _encode_json(tagger: Tagger, ranked: Ranked) -> Encoded:
    """Encode the elements of an array of articles."""
    tagged = tagger.assemble(ranked)
    data = ",\n".join(to_json(article.to_dict(), indent=1) for article in tagged)
    paragraphs = [p for article in tagged for p in article.paragraphs]
    return _of_text(data, len(paragraphs), sum(1 for p in paragraphs if p.issues))


def _encode_csv(tagger: Tagger, ranked: Ranked) -> Encoded:
    """Encode a row per paragraph."""
    tagged = tagger.assemble(ranked)
    rows = [row for article in tagged for row in to_csv_rows(article)]
    return _of_text(to_csv(rows), len(rows), sum(1 for row in rows if row[2]))


def _of_text(data: str, n_paragraphs: int, n_tagged: int) -> Encoded:
    """Return what became text; lone surrogates cannot be written as such."""
    encoded = data.encode("utf-8", "replace")
    return Encoded(n_paragraphs, n_tagged, lambda file: file.write(encoded))


def _encode_parquet(tagger: Tagger, ranked: Ranked) -> Encoded:
    """Encode a table with a row per paragraph and a column per issue."""
    pa = import_extra("pyarrow", "parquet")
    parquet = import_extra("pyarrow.parquet", "parquet")
    articles, probabilities, ranks = ranked
    sizes = [len(article.paragraphs) for article in articles]
    slugs = np.array(tagger.issues, dtype=object)
    ends = np.cumsum([0, *map(len, ranks)])
    flat = [i for indices in ranks for i in indices]

    def repeated(values: Sequence[str | None]) -> Any:  # noqa: ANN401 - pyarrow's own
        # A file's name may hold what is no text.
        clean = [v and v.encode("utf-8", "replace").decode() for v in values]
        array = pa.array(clean, pa.string())
        return array.take(pa.array(np.repeat(np.arange(len(sizes)), sizes)))

    paragraphs = [p for article in articles for p in article.paragraphs]
    texts = [p.text.encode("utf-8", "replace").decode() for p in paragraphs]
    # Rounded as everywhere, and then to what a column of this width holds.
    rounded = np.round(probabilities, 6).astype(np.float32)
    table = pa.table(
        {
            "article": repeated([article.id for article in articles]),
            "title": repeated([article.title for article in articles]),
            "date": repeated([article.date for article in articles]),
            "source": repeated([article.source for article in articles]),
            "paragraph": pa.array([p.number for p in paragraphs], pa.int32()),
            "text": pa.array(texts, pa.string()),
            "issues": pa.ListArray.from_arrays(
                pa.array(ends, pa.int32()), pa.array(slugs[flat], pa.string())
            ),
            **{
                slug: pa.array(column, pa.float32(), from_pandas=True)
                for slug, column in zip(tagger.issues, rounded.T, strict=True)
            },
            "model": repeated([tagger.version for _ in articles]),
        }
    )

    def write(file: BinaryIO) -> None:
        parquet.write_table(table, file, compression="zstd", row_group_size=_ROW_GROUP)

    return Encoded(len(paragraphs), sum(map(bool, ranks)), write)


FORMATS = {
    "jsonl": Format(".jsonl", _encode_jsonl),
    "json": Format(".json", _encode_json, b",\n", lambda _: (b"[\n", b"\n]\n")),
    "csv": Format(
        ".csv",
        _encode_csv,
        ends=lambda issues: (to_csv([csv_header(issues)]).encode(), b""),
    ),
    "parquet": Format(".parquet", _encode_parquet, is_joined=False),
}
