"""What tagging gives back."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class TaggedParagraph(NamedTuple):
    """A paragraph and its issues.

    Attributes
    ----------
    number : int
        Its place in the article, from 1.
    text : str
        Its text.
    issues : tuple of str
        The slugs of its issues, by falling probability.
    probabilities : mapping of str to float
        Calibrated, in [0, 1], for every issue in codebook order; NaN for an issue that
        the model has not learned.
    """

    number: int
    text: str
    issues: tuple[str, ...]
    probabilities: Mapping[str, float]


class TaggedArticle(NamedTuple):
    """An article whose paragraphs have been tagged.

    Attributes
    ----------
    article, title, date, source : str or None
        What is known of it.
    paragraphs : tuple of TaggedParagraph
        In order.
    model : str or None
        The version that tagged it; None for a model that has not been saved.
    """

    article: str | None
    title: str | None
    date: str | None
    source: str | None
    paragraphs: tuple[TaggedParagraph, ...]
    model: str | None

    @property
    def issues(self) -> dict[str, int]:
        """The number of paragraphs of each issue that occurs, most frequent first."""
        counts = Counter(slug for p in self.paragraphs for slug in p.issues)
        return dict(counts.most_common())

    def to_records(self) -> list[dict[str, Any]]:
        """Return one dictionary per paragraph, ready for JSON."""
        return [
            {
                "article": self.article,
                "title": self.title,
                "date": self.date,
                "source": self.source,
                "paragraph": paragraph.number,
                "text": paragraph.text,
                "issues": list(paragraph.issues),
                "probabilities": {
                    slug: round_probability(p)
                    for slug, p in paragraph.probabilities.items()
                },
                "model": self.model,
            }
            for paragraph in self.paragraphs
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the article with its paragraphs' records, ready for JSON."""
        return {
            "article": self.article,
            "title": self.title,
            "date": self.date,
            "source": self.source,
            "issues": self.issues,
            "paragraphs": self.to_records(),
        }


def csv_header(issues: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of results as CSV."""
    return ("article", "paragraph", "issues", *issues)


def to_csv_rows(article: TaggedArticle) -> list[list[Any]]:
    """Return a row per paragraph, under `csv_header`."""
    return [
        [
            article.article,
            paragraph.number,
            " ".join(paragraph.issues),
            *map(round_probability, paragraph.probabilities.values()),
        ]
        for paragraph in article.paragraphs
    ]


def round_probability(probability: float) -> float | None:
    """Return a probability as it is written out: 6 decimals, None for NaN."""
    return None if math.isnan(probability) else round(probability, 6)
