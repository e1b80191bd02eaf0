"""Labelled paragraphs from elsewhere, for measuring."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.corpus.passages import PARTS, Passages
from classifier.errors import EvaluationError
from classifier.evaluation.predictions import Predictions
from classifier.files import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelledParagraphs:
    """Labelled paragraphs in the order of their file.

    Attributes
    ----------
    passages : Passages
        The paragraphs with what is known of their contexts.
    articles : tuple of str
        A paragraph without an article counts as an article of its own.
    numbers : ndarray of shape (n_paragraphs,)
        The line of the file that each stands on.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    issues : tuple of str
        The slugs of the columns.
    """

    passages: Passages
    articles: tuple[str, ...]
    numbers: NDArray[np.intp]
    labelled: NDArray[np.bool_]
    issues: tuple[str, ...]

    def predicted(
        self, probabilities: NDArray[np.float64], thresholds: NDArray[np.float64]
    ) -> Predictions:
        """Return them with what a model says of them."""
        return Predictions(
            self.issues,
            self.articles,
            self.numbers,
            self.labelled,
            probabilities >= thresholds,
            probabilities,
            tuple(map(str, range(len(self.articles)))),
        )


def read_labelled(path: str, issues: Sequence[str]) -> LabelledParagraphs:
    """Read a JSONL file of labelled paragraphs, or standard input for ``-``.

    Parameters
    ----------
    path : str
        Lines with ``text`` (str) and ``issues`` (list of slugs), and where known
        ``title``, ``previous``, ``following`` (the paragraphs before and after) and
        ``article`` (str or null); other fields are passed over.
    issues : sequence of str
        The slugs that may occur.

    Raises
    ------
    EvaluationError
        If the file cannot be read or a line is wrong; the message has a line for each.
        A measurement with paragraphs left out would be another one than asked for.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        message = f"{path}: cannot read it: {error.strerror}"
        raise EvaluationError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 (byte {error.start}): save it as UTF-8"
        raise EvaluationError(message) from error
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(f"{path}:{number}: not JSON: one object a line")
            continue
        problems += [f"{path}:{number}: {what}" for what in _problems(row, issues)]
        rows.append(row)
        lines.append(number)
    if not rows and not problems:
        problems.append(f"{path}: no labelled paragraph in it")
    if problems:
        raise EvaluationError("\n".join(problems))
    return LabelledParagraphs(
        Passages.gather(
            [row["text"] for row in rows],
            *([row.get(part) for row in rows] for part in PARTS),
        ),
        tuple(
            row.get("article") or f"line {line}"
            for row, line in zip(rows, lines, strict=True)
        ),
        np.array(lines, dtype=np.intp),
        np.array([[slug in row["issues"] for slug in issues] for row in rows]),
        tuple(issues),
    )


def _problems(row: Any, issues: Sequence[str]) -> Iterator[str]:  # noqa: ANN401
    """Yield what is wrong with a line."""
    if not isinstance(row, dict):
        yield "not an object: write {" + '"text": "...", "issues": [...]}'
        return
    if not isinstance(row.get("text"), str):
        yield "'text' is missing: give the paragraph's text"
    elif not row["text"].strip():
        yield "'text' is empty: give the paragraph's text, or leave the line out"
    for key in (*PARTS, "article"):
        if not isinstance(row.get(key), str | None):
            yield f"'{key}' must be a text or null"
    slugs = row.get("issues")
    if not isinstance(slugs, list) or any(type(slug) is not str for slug in slugs):
        yield "'issues' is missing: give a list of slugs, [] for none"
        return
    for slug in slugs:
        if slug not in issues:
            yield f"unknown issue '{slug}'{did_you_mean(slug, issues)}"
