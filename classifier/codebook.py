"""The codebook: the list of issues, each with its definition and its rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifier.errors import CodebookError, UnknownIssueError
from classifier.files import did_you_mean, sha256

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TABLE = re.compile(r"^[^\S\n]*\[\[\s*issue\s*\]\]", re.MULTILINE)
_LEAST_BETA = 0.1
_TEXTS = ("slug", "name", "definition")
_LISTS = ("include", "exclude", "neighbours", "terms")


@dataclass(frozen=True, slots=True)
class Issue:
    """A topic of the codebook.

    Attributes
    ----------
    slug : str
        Short name in lower case, words joined by hyphens.
    name, definition : str
        What people call it, and when a paragraph carries it.
    include, exclude : tuple of str
        Cases that belong to it and cases that do not.
    neighbours : tuple of str
        Issues it is often met with, as slugs or in words.
    terms : tuple of str
        Names and words by which the news speaks of it; training starts from them.
    """

    slug: str
    name: str
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """Issues in the order of the file, which is the order of every array.

    Attributes
    ----------
    issues : tuple of Issue
        All issues, in order.
    beta : float
        What thresholds are for: the F-beta that they maximise. 1 weighs precision and
        recall alike; at 0.5 a false tag costs twice what a missed one does.
    source : bytes
        The file's bytes, kept so that a version carries the very codebook.

    Examples
    --------
    >>> book = Codebook.parse(b'''
    ... [[issue]]
    ... slug = "taiwan"
    ... name = "Taiwan"
    ... definition = "Taiwan's status, security and foreign relations."
    ... ''')
    >>> book.slugs
    ('taiwan',)
    >>> book["taiwan"].name
    'Taiwan'
    """

    issues: tuple[Issue, ...]
    beta: float = 1.0
    source: bytes = b""

    @classmethod
    def read(cls, path: Path) -> Codebook:
        """Read and check a codebook file.

        Parameters
        ----------
        path : Path
            A TOML file of ``[[issue]]`` tables.

        Raises
        ------
        CodebookError
            If the file is missing, is not TOML, or breaks a rule; the message has a
            line per problem.
        """
        try:
            source = path.read_bytes()
        except OSError as error:
            message = f"{path}: cannot read the codebook: {error.strerror}"
            raise CodebookError(message) from error
        return cls.parse(source, where=str(path))

    @classmethod
    def parse(cls, source: bytes, *, where: str = "codebook.toml") -> Codebook:
        """Parse a codebook's bytes; `where` names it in messages.

        Raises
        ------
        CodebookError
            If it is not TOML or breaks a rule.
        """
        import tomllib  # noqa: PLC0415 - tagging never needs it

        try:
            text = source.decode("utf-8-sig")
            tables = tomllib.loads(text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            message = f"{where}: not a TOML file in UTF-8: {error}"
            raise CodebookError(message) from error
        problems = list(_problems(tables, text, where))
        if problems:
            raise CodebookError("\n".join(problems))
        return cls(
            tuple(
                Issue(
                    *(table[key].strip() for key in _TEXTS),
                    *(tuple(table.get(key, ())) for key in _LISTS),
                )
                for table in tables["issue"]
            ),
            float(tables.get("beta", 1.0)),
            source,
        )

    @property
    def slugs(self) -> tuple[str, ...]:
        """The slugs in order."""
        return tuple(issue.slug for issue in self.issues)

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes."""
        return sha256(self.source)

    def __len__(self) -> int:
        """Return the number of issues."""
        return len(self.issues)

    def __getitem__(self, slug: str) -> Issue:
        """Return the issue of that slug.

        Raises
        ------
        UnknownIssueError
            If there is none; the message names the nearest slug.
        """
        for issue in self.issues:
            if issue.slug == slug:
                return issue
        message = f"unknown issue '{slug}'{did_you_mean(slug, self.slugs)}"
        raise UnknownIssueError(message)


def _problems(tables: dict[str, Any], text: str, where: str) -> Iterator[str]:
    """Yield a line for each rule that the parsed codebook breaks."""
    for key in sorted(tables.keys() - {"issue", "beta"}):
        yield f"{where}: unknown '{key}': a codebook has [[issue]] tables and 'beta'"
    beta = tables.get("beta", 1.0)
    if type(beta) not in (int, float) or not _LEAST_BETA <= beta <= 1 / _LEAST_BETA:
        yield f"{where}: 'beta' must be a number from {_LEAST_BETA} to 10"
    issues = tables.get("issue")
    if not isinstance(issues, list) or not issues:
        yield f"{where}: no [[issue]] table: add one per issue"
        return
    lines = [text.count("\n", 0, m.start()) + 1 for m in _TABLE.finditer(text)]
    if len(lines) != len(issues):  # written as inline tables: no line to name
        lines = [1] * len(issues)
    slugs = [str(issue.get("slug", "")) for issue in issues]
    for number, (line, issue) in enumerate(zip(lines, issues, strict=True)):
        for problem in _issue_problems(issue, slugs):
            name = f" '{slugs[number]}'" if slugs[number] else ""
            yield f"{where}:{line}: issue{name}: {problem}"
        if slugs[number] and slugs[number] in slugs[:number]:
            first = lines[slugs.index(slugs[number])]
            yield f"{where}:{line}: '{slugs[number]}' is taken: line {first} has it too"


def _issue_problems(issue: dict[str, Any], slugs: list[str]) -> Iterator[str]:
    """Yield what is wrong with one issue."""
    for key in _TEXTS:
        if not isinstance(issue.get(key), str) or not issue[key].strip():
            yield f"'{key}' is missing: give it a text"
    for key in _LISTS:
        value = issue.get(key, [])
        if not isinstance(value, list) or any(type(v) is not str for v in value):
            yield f'\'{key}\' must be a list of texts: {key} = ["...", "..."]'
    for key in sorted(issue.keys() - {*_TEXTS, *_LISTS}):
        yield f"unknown key '{key}'{did_you_mean(key, (*_TEXTS, *_LISTS))}"
    slug = str(issue.get("slug", ""))
    if slug and not _SLUG.fullmatch(slug):
        yield "a slug has lower-case letters, digits and hyphens only"
    for other in issue.get("neighbours", []):
        # Free words are allowed; what looks like a slug has to be one.
        if isinstance(other, str) and _SLUG.fullmatch(other) and other not in slugs:
            yield f"unknown neighbour '{other}'{did_you_mean(other, slugs)}"
