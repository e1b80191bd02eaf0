"""The label set: which issues people found in which paragraphs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from classifier.errors import LabelsError
from classifier.files import did_you_mean, replace_file, sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from classifier.codebook import Codebook
    from classifier.corpus.article import Article

HEADER = ("article", "paragraph", "digest", "issues", "annotator")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_DIGEST = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Label:
    """One annotator's judgement of one paragraph.

    Attributes
    ----------
    article : str
        The article's id.
    paragraph : int
        The paragraph's number, from 1.
    digest : str
        The digest of the text that was judged, see `corpus.article.paragraph_digest`.
    issues : tuple of str
        Slugs; empty for "none of them".
    annotator : str
        Who judged.
    """

    article: str
    paragraph: int
    digest: str
    issues: tuple[str, ...]
    annotator: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a label set: where, what, and how to mend it."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class LabelSet:
    r"""All labels of a file, in its order.

    Attributes
    ----------
    labels : tuple of Label
        The rows that could be read.
    lines : tuple of int
        The line on which each of `labels` begins, from 1.
    problems : tuple of Problem
        The rows that could not be read, and what is wrong with them.
    source : bytes
        The file's bytes, all of them: what nobody changes is written back as it was.

    Examples
    --------
    >>> labels = LabelSet.parse(
    ...     b"article,paragraph,digest,issues,annotator\n"
    ...     b"2021/visit,1,0123456789ab,taiwan military,a1\n"
    ... )
    >>> labels.labels[0].issues
    ('taiwan', 'military')
    """

    labels: tuple[Label, ...]
    lines: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    source: bytes = field(default=b"", repr=False)

    @classmethod
    def read(cls, path: Path) -> LabelSet:
        """Read a label set; rows that cannot be read become `problems`.

        Raises
        ------
        LabelsError
            If there is no such file, or it is no CSV file with the right header.
        """
        try:
            return cls.parse(path.read_bytes(), where=str(path))
        except OSError as error:
            message = f"{path}: cannot read the labels: {error.strerror}"
            raise LabelsError(message) from error

    @classmethod
    def parse(cls, source: bytes, *, where: str = "labels.csv") -> LabelSet:
        """Parse a label set's bytes; `where` names it in messages.

        Raises
        ------
        LabelsError
            If it is not UTF-8 or lacks the header.
        """
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            message = f"{where}:{line}: not UTF-8: save the file as UTF-8"
            raise LabelsError(message) from error
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        labels: list[Label] = []
        starts: list[int] = []
        problems: list[Problem] = []
        line = 1
        try:
            for row in reader:
                first, line = line, reader.line_num + 1
                if first == 1:
                    _check_header(row, where)
                    continue
                wrong = list(_row_problems(row))
                problems += [Problem(first, text) for text in wrong]
                if not wrong:
                    article, number, digest, issues, annotator = row
                    slugs = tuple(issues.split())
                    labels.append(Label(article, int(number), digest, slugs, annotator))
                    starts.append(first)
        except csv.Error as error:
            message = f"{where}:{line}: not CSV: {error}: mend the quotes of this row"
            raise LabelsError(message) from error
        if line == 1:
            _check_header([], where)
        return cls(tuple(labels), tuple(starts), tuple(problems), source)

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes."""
        return sha256(self.source)

    def with_labels(self, labels: Iterable[Label]) -> LabelSet:
        """Return a set with more labels at its end; the rest keeps its bytes."""
        head = self.source or ",".join(HEADER).encode() + b"\n"
        ending = b"\r\n" if b"\r\n" in head else b"\n"
        gap = b"" if head.endswith((b"\n", b"\r")) else ending
        rows = b"".join(_to_row(label) + ending for label in labels)
        return LabelSet.parse(head + gap + rows)

    def write(self, path: Path) -> None:
        """Write the set to `path`, whole or not at all."""
        replace_file(path, self.source)

    def resolve(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """Return one set of issues per paragraph, by article and number.

        Where several annotators judged a paragraph it carries the issues that more
        than half of them gave; on a tie the one who stands first in the file decides.

        Returns
        -------
        dict
            In the order in which the paragraphs first stand in the file.
        """
        resolved = {}
        for key, all_issues in group_by_paragraph(self.labels).items():
            votes = Counter(slug for issues in all_issues for slug in issues)
            resolved[key] = tuple(
                slug
                for slug, n_votes in votes.items()
                if 2 * n_votes > len(all_issues)
                or (2 * n_votes == len(all_issues) and slug in all_issues[0])
            )
        return resolved


def group_by_paragraph(
    labels: Iterable[Label],
) -> dict[tuple[str, int], list[tuple[str, ...]]]:
    """Return the issues that each annotator gave, by article and number."""
    judged: dict[tuple[str, int], list[tuple[str, ...]]] = defaultdict(list)
    for label in labels:
        judged[label.article, label.paragraph].append(label.issues)
    return judged


def check_labels(
    labels: LabelSet, corpus: Mapping[str, Article], codebook: Codebook
) -> list[Problem]:
    """Find all problems of a label set at once, in the order of its lines.

    Parameters
    ----------
    labels : LabelSet
        As read from its file.
    corpus : mapping of str to Article
        The articles by id.
    codebook : Codebook
        The issues there are.

    Returns
    -------
    list of Problem
        Empty where everything fits.
    """
    problems = list(labels.problems)
    seen: dict[tuple[str, int, str], int] = {}
    for line, label in zip(labels.lines, labels.labels, strict=True):
        key = (label.article, label.paragraph, label.annotator)
        texts = [*_text_problems(label, corpus), *_issue_problems(label, codebook)]
        if key in seen:
            texts.append(
                f"annotator '{label.annotator}' labelled paragraph {label.paragraph} "
                f"of '{label.article}' on line {seen[key]} already: keep one of the two"
            )
        seen.setdefault(key, line)
        problems += [Problem(line, text) for text in texts]
    return sorted(problems, key=lambda problem: problem.line)


def _text_problems(label: Label, corpus: Mapping[str, Article]) -> Iterator[str]:
    """Yield what does not fit between a label and the text it judges."""
    article = corpus.get(label.article)
    if article is None:
        hint = did_you_mean(label.article, corpus)
        yield f"unknown article '{label.article}'{hint}: there is no such file"
        return
    if label.paragraph <= len(article.paragraphs):
        digest = article.paragraphs[label.paragraph - 1].digest
        if digest == label.digest:
            return
        what = f"the text of paragraph {label.paragraph} has changed since"
        mend = f"read it again and set its digest to {digest}"
    else:
        n_paragraphs = len(article.paragraphs)
        what = f"'{label.article}' has {n_paragraphs} paragraphs, not {label.paragraph}"
        mend = "delete this line"
    moved = [p.number for p in article.paragraphs if p.digest == label.digest]
    if moved:
        mend = f"the text is paragraph {moved[0]} now: write {moved[0]}"
    yield f"{what}: {mend}"


def _issue_problems(label: Label, codebook: Codebook) -> Iterator[str]:
    """Yield what is wrong with a label's issues."""
    for slug, n_times in Counter(label.issues).items():
        if slug not in codebook.slugs:
            hint = did_you_mean(slug, codebook.slugs)
            yield f"unknown issue '{slug}'{hint}"
        if n_times > 1:
            yield f"issue '{slug}' stands {n_times} times: keep one"


def _check_header(row: list[str], where: str) -> None:
    """Raise unless the first row is the header."""
    if tuple(row) != HEADER:
        message = f"{where}:1: the header must be {','.join(HEADER)}"
        raise LabelsError(message)


def _row_problems(row: list[str]) -> Iterator[str]:
    """Yield what keeps a row from being read."""
    if not row:
        yield "empty line: delete it"
        return
    if len(row) != len(HEADER):
        yield f"{len(row)} fields, not {len(HEADER)}: write {','.join(HEADER)}"
        return
    article, number, digest, issues, annotator = row
    if not article:
        yield "no article: name it by its path under the corpus, without .txt"
    if not _NUMBER.fullmatch(number):
        yield f"paragraph '{number}' is no whole number from 1"
    if not _DIGEST.fullmatch(digest):
        yield f"digest '{digest}' is not 12 hex digits in lower case"
    if issues != " ".join(issues.split()) or re.search("[,;|]", issues):
        yield f"issues '{issues}': part them by one space"
    if not annotator.strip():
        yield "no annotator: say who judged"


def _to_row(label: Label) -> bytes:
    """Return a label as a row of CSV, without its line end."""
    out = io.StringIO()
    place = (label.article, label.paragraph, label.digest)
    # With this line end the writer quotes a stray carriage return as well.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*place, " ".join(label.issues), label.annotator))
    return out.getvalue().removesuffix("\r\n").encode()
