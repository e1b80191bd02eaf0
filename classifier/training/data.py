"""What a training needs: labels, corpus and codebook, read and checked together."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.codebook import Codebook
from classifier.corpus.passages import Passages
from classifier.corpus.readers import read_corpus
from classifier.errors import LabelsError, TrainingError
from classifier.files import sha256
from classifier.labels import LabelSet, check_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from classifier.corpus.article import Article
    from classifier.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Labelled paragraphs, checked and put in the order of the corpus.

    Attributes
    ----------
    codebook : Codebook
        The issues.
    passages : Passages
        The labelled paragraphs in their contexts.
    articles : tuple of str
        The id of each paragraph's article.
    numbers : ndarray of shape (n_paragraphs,)
        Its place in the article, from 1.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels, several annotators resolved by `LabelSet.resolve`.
    paragraph_digests : tuple of str
        Of each paragraph's text.
    digests : dict of str to str
        SHA-256 of labels, corpus and codebook.
    """

    codebook: Codebook
    passages: Passages
    articles: tuple[str, ...]
    numbers: NDArray[np.intp]
    labelled: NDArray[np.bool_]
    paragraph_digests: tuple[str, ...]
    digests: dict[str, str]

    def take(self, rows: NDArray[np.bool_]) -> TrainingData:
        """Return some of the labelled paragraphs, with their contexts."""
        kept = np.flatnonzero(rows).tolist()
        return replace(
            self,
            passages=self.passages.take(rows),
            articles=tuple(self.articles[i] for i in kept),
            numbers=self.numbers[rows],
            labelled=self.labelled[rows],
            paragraph_digests=tuple(self.paragraph_digests[i] for i in kept),
        )


def read_training_data(
    labels: str | Path, corpus: str | Path, codebook: str | Path
) -> TrainingData:
    """Read and check everything a training needs.

    Raises
    ------
    LabelsError, CodebookError, ArticleError
        If one of them is missing or wrong; the message has a line per problem.
    """
    book = Codebook.read(Path(codebook))
    articles = read_corpus(Path(corpus))
    label_set = LabelSet.read(Path(labels))
    problems = check_labels(label_set, articles, book)
    if problems:
        lines = [f"{labels}:{problem.line}: {problem.text}" for problem in problems]
        raise LabelsError("\n".join(lines))
    resolved = sorted(label_set.resolve().items())
    return TrainingData(
        book,
        _gather(articles, [key for key, _ in resolved]),
        tuple(article for (article, _), _ in resolved),
        np.array([number for (_, number), _ in resolved], dtype=np.intp),
        np.array(
            [[slug in slugs for slug in book.slugs] for _, slugs in resolved],
            dtype=bool,
        ).reshape(-1, len(book)),
        tuple(articles[a].paragraphs[number - 1].digest for (a, number), _ in resolved),
        {
            "labels": label_set.digest,
            "corpus": _corpus_digest(articles),
            "codebook": book.digest,
        },
    )


def find_learnable(
    data: TrainingData, settings: TrainingSettings
) -> tuple[list[int], dict[str, str]]:
    """Find the issues that have labels enough.

    Returns
    -------
    learned : list of int
        Their indices.
    not_learned : dict of str to str
        The slugs of the others, and why.

    Raises
    ------
    TrainingError
        If there is none.
    """
    learned, not_learned = [], {}
    articles = np.array(data.articles)
    for i, slug in enumerate(data.codebook.slugs):
        column = data.labelled[:, i]
        n_paragraphs, n_articles = int(column.sum()), len(np.unique(articles[column]))
        if column.all():
            not_learned[slug] = "no labelled paragraph is without it"
        elif (
            n_paragraphs >= settings.min_paragraphs
            and n_articles >= settings.min_articles
        ):
            learned.append(i)
        else:
            not_learned[slug] = (
                f"{n_paragraphs} paragraphs in {n_articles} articles; it takes "
                f"{settings.min_paragraphs} in {settings.min_articles}"
            )
    if not learned:
        message = (
            f"no issue has labels enough to learn: it takes {settings.min_paragraphs} "
            f"paragraphs in {settings.min_articles} articles, see "
            "'classifier labels stats'"
        )
        raise TrainingError(message)
    return learned, not_learned


def _gather(
    articles: Mapping[str, Article], keys: Sequence[tuple[str, int]]
) -> Passages:
    """Put the paragraphs named by article and number together with their contexts."""

    def text(article: str, number: int) -> str | None:
        paragraphs = articles[article].paragraphs
        return paragraphs[number - 1].text if 0 < number <= len(paragraphs) else None

    return Passages.gather(
        [articles[a].paragraphs[number - 1].text for a, number in keys],
        [articles[a].title for a, _ in keys],
        [text(a, number - 1) for a, number in keys],
        [text(a, number + 1) for a, number in keys],
    )


def _corpus_digest(articles: Mapping[str, Article]) -> str:
    """Return a digest of all articles, whatever their files' line ends."""
    content: list[Any] = [
        [a.id, a.title, a.date, a.source, a.form, [p.text for p in a.paragraphs]]
        for a in articles.values()
    ]
    return sha256(json.dumps(content, ensure_ascii=False).encode())
