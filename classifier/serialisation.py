"""Data as text for programs: JSON and CSV, as every command writes them."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def to_json(data: Any, *, indent: int | None = None) -> str:  # noqa: ANN401
    """Return data as JSON that says what it cannot hold (NaN) rather than invent."""
    return json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False)


def to_csv(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    """Return rows as CSV."""
    import csv  # noqa: PLC0415 - a table for people needs it not

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()
