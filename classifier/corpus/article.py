"""Articles and their paragraphs."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Paragraph(NamedTuple):
    """A paragraph of an article, the unit that is labelled and tagged.

    Attributes
    ----------
    number : int
        Its place in the article, from 1.
    text : str
        Its text, on one line.
    """

    number: int
    text: str

    @property
    def digest(self) -> str:
        """First 12 hex digits of the SHA-256 of the text, see `paragraph_digest`."""
        return paragraph_digest(self.text)


class Article(NamedTuple):
    """An article: what it is and its paragraphs.

    Attributes
    ----------
    id : str or None
        For an article of the corpus its path under the corpus without the suffix, for
        another file its path as given without the suffix.
    paragraphs : tuple of Paragraph
        In order, numbered from 1.
    title, date, source, form : str or None
        From the front matter; None where not given. `date` is as written there.
    """

    id: str | None
    paragraphs: tuple[Paragraph, ...]
    title: str | None = None
    date: str | None = None
    source: str | None = None
    form: str | None = None


def make_article(
    identity: str | None,
    paragraphs: Sequence[str],
    fields: Mapping[str, str | None],
    numbers: Sequence[int] | None = None,
) -> Article:
    """Build an article from its paragraphs' texts, numbered from 1 unless told."""
    numbers = numbers or range(1, len(paragraphs) + 1)
    return Article(identity, tuple(map(Paragraph, numbers, paragraphs)), **fields)


def paragraph_digest(text: str) -> str:
    r"""Return the digest that ties a label to a paragraph's text.

    The text is taken in NFC with white space folded, so that neither an editor's line
    wrapping nor its way of writing accents changes it.

    Examples
    --------
    >>> paragraph_digest("Tariffs  rose.") == paragraph_digest("Tariffs\nrose. ")
    True
    """
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:12]
