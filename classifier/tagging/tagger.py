"""Tagger: texts and articles to issues, on numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifier.corpus.article import Article, Paragraph
from classifier.corpus.paragraphs import split_paragraphs
from classifier.corpus.passages import Passages
from classifier.errors import UnknownIssueError
from classifier.files import did_you_mean
from classifier.model.store import find_store
from classifier.model.version import Version, read_version
from classifier.tagging.results import TaggedArticle, TaggedParagraph

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from classifier.model.linear import LinearModel
    from classifier.tagging.explain import Explanation


class Ranked(NamedTuple):
    """Articles with the probabilities and the tags of their paragraphs.

    Attributes
    ----------
    articles : sequence of Article
        The articles.
    probabilities : ndarray of shape (n_paragraphs, n_issues)
        Of all paragraphs, article by article; NaN for an issue that is not learned.
    ranks : list of list of int
        For each paragraph the indices of its issues, by falling probability.
    """

    articles: Sequence[Article]
    probabilities: NDArray[np.float64]
    ranks: list[list[int]]

    def split(self, sizes: Sequence[int]) -> Iterator[Ranked]:
        """Yield the first so many articles, then the next so many, and so on."""
        article = row = 0
        for size in sizes:
            articles = self.articles[article : article + size]
            end = row + sum(len(a.paragraphs) for a in articles)
            yield Ranked(articles, self.probabilities[row:end], self.ranks[row:end])
            article, row = article + size, end


class Tagger:
    """Tags paragraphs with issues.

    Parameters
    ----------
    model : LinearModel
        The fitted model.
    version : str, optional
        The name under which it is saved.

    Examples
    --------
    >>> import classifier
    >>> tagger = classifier.load()
    >>> article = tagger.tag("Taipei said 14 warplanes crossed the median line.")
    >>> article.paragraphs[0].issues[0]
    'taiwan'
    >>> tagger.predict_proba(["Tariffs on steel rose.", "He likes tea."]).shape
    (2, 21)
    """

    def __init__(self, model: LinearModel, *, version: str | None = None) -> None:
        self.model = model
        self.version = version

    @property
    def issues(self) -> tuple[str, ...]:
        """The slugs of all issues, in codebook order."""
        return self.model.issues

    @property
    def thresholds(self) -> dict[str, float]:
        """The probability from which each issue is tagged; NaN if not learned."""
        return dict(zip(self.issues, self.model.thresholds.tolist(), strict=True))

    def predict_proba(
        self,
        texts: Sequence[str],
        *,
        titles: Sequence[str | None] | None = None,
        previous: Sequence[str | None] | None = None,
        following: Sequence[str | None] | None = None,
    ) -> NDArray[np.float64]:
        """Return the probability of every issue for each text.

        Parameters
        ----------
        texts : sequence of str
            One paragraph each, taken as it is.
        titles, previous, following : sequence of str or None, optional
            For each paragraph its article's title and the paragraphs before and after
            it, where known; they help with what a paragraph leaves unsaid.

        Returns
        -------
        ndarray of shape (n_paragraphs, n_issues)
            Calibrated, in [0, 1], in codebook order; NaN for an issue that the model
            has not learned.

        Raises
        ------
        TypeError
            If a single string is given, or something that is no text.
        ValueError
            If the contexts are not as many as the paragraphs.
        """
        if any(isinstance(c, str) for c in (texts, titles, previous, following)):
            message = "give a sequence of paragraphs, not one string"
            raise TypeError(message)
        passages = Passages.gather(texts, titles, previous, following)
        return self.model.predict_proba(passages)

    def tag(
        self,
        text: str,
        *,
        title: str | None = None,
        date: str | None = None,
        source: str | None = None,
        article: str | None = None,
    ) -> TaggedArticle:
        """Split a text into paragraphs and tag each.

        Parameters
        ----------
        text : str
            The article's text, without its title.
        title, date, source, article : str, optional
            Given back with the result.

        Returns
        -------
        TaggedArticle
            Without paragraphs for a text of white space.

        Raises
        ------
        TypeError
            If it is no text.
        """
        if not issubclass(type(text), str):
            message = f"give the text of an article, not {type(text).__name__}"
            raise TypeError(message)
        numbered = enumerate(split_paragraphs(text), 1)
        paragraphs = tuple(Paragraph(number, piece) for number, piece in numbered)
        return self.tag_article(Article(article, paragraphs, title, date, source))

    def tag_article(
        self,
        article: Article,
        *,
        threshold: float | Mapping[str, float] | None = None,
        issues: Collection[str] | None = None,
        top: int | None = None,
    ) -> TaggedArticle:
        """Tag the paragraphs of an article.

        Parameters
        ----------
        article : Article
            As read, for instance by `formats.sources.read_article`.
        threshold : float or mapping of str to float, optional
            In place of the model's thresholds, for all issues or for those named.
        issues : collection of str, optional
            Tag these issues only.
        top : int, optional
            Give a paragraph at most so many issues, the most probable.

        Raises
        ------
        UnknownIssueError
            If an issue is named that the model does not have.
        """
        (tagged,) = self.tag_articles(
            [article], threshold=threshold, issues=issues, top=top
        )
        return tagged

    def tag_articles(
        self,
        articles: Sequence[Article],
        *,
        threshold: float | Mapping[str, float] | None = None,
        issues: Collection[str] | None = None,
        top: int | None = None,
    ) -> list[TaggedArticle]:
        """Tag the paragraphs of many articles at once, see `tag_article`.

        Raises
        ------
        UnknownIssueError
            If an issue is named that the model does not have.
        """
        return self.assemble(
            self.rank(articles, threshold=threshold, issues=issues, top=top)
        )

    def assemble(self, ranked: Ranked) -> list[TaggedArticle]:
        """Put what `rank` found together with the articles."""
        rows = zip(ranked.ranks, ranked.probabilities.tolist(), strict=True)
        return [
            TaggedArticle(
                article.id,
                article.title,
                article.date,
                article.source,
                tuple(
                    TaggedParagraph(
                        paragraph.number,
                        paragraph.text,
                        tuple(self.issues[i] for i in issues),
                        dict(zip(self.issues, row, strict=True)),
                    )
                    # The rows go on from one article to the next.
                    for paragraph, (issues, row) in zip(
                        article.paragraphs, rows, strict=False
                    )
                ),
                self.version,
            )
            for article in ranked.articles
        ]

    def rank(
        self,
        articles: Sequence[Article],
        *,
        threshold: float | Mapping[str, float] | None = None,
        issues: Collection[str] | None = None,
        top: int | None = None,
    ) -> Ranked:
        """Find the probabilities and the tags of many articles' paragraphs at once.

        Raises
        ------
        UnknownIssueError
            If an issue is named that the model does not have.
        """
        thresholds = self._thresholds(threshold, issues)
        passages = Passages.of_articles(
            [
                (a.title, [paragraph.text for paragraph in a.paragraphs])
                for a in articles
            ]
        )
        probabilities = self.model.predict_proba(passages)
        is_tagged = probabilities >= thresholds  # False wherever one of them is NaN
        rows, columns = np.nonzero(is_tagged)
        # Within a row by falling probability; equal ones stay in codebook order.
        order = np.lexsort((-probabilities[rows, columns], rows))
        ends = np.cumsum(is_tagged.sum(axis=1)).tolist()
        tags = columns[order].tolist()
        starts = [0, *ends[:-1]]
        ranks = [tags[a:b][:top] for a, b in zip(starts, ends, strict=False)]
        return Ranked(articles, probabilities, ranks)

    def explain(
        self,
        text: str,
        issue: str,
        *,
        title: str | None = None,
        previous: str | None = None,
        following: str | None = None,
    ) -> Explanation:
        """Show which words and pairs speak for and against an issue.

        Parameters
        ----------
        text : str
            One paragraph.
        issue : str
            A slug.
        title, previous, following : str, optional
            Its article's title and the paragraphs before and after it, where known.

        Returns
        -------
        Explanation
            The n-grams and what each adds to the score.

        Raises
        ------
        UnknownIssueError
            If the model does not have the issue, or has not learned it.
        """
        from classifier.tagging.explain import explain  # noqa: PLC0415 - seldom used

        return explain(
            self.model,
            text,
            issue,
            title=title,
            previous=previous,
            following=following,
        )

    def _thresholds(
        self,
        threshold: float | Mapping[str, float] | None,
        issues: Collection[str] | None,
    ) -> NDArray[np.float64]:
        """Return the thresholds to use: NaN for what is not to be tagged."""
        thresholds = self.model.thresholds.copy()
        named = threshold if isinstance(threshold, Mapping) else {}
        for slug in (*named, *(issues or ())):
            if slug not in self.issues:
                hint = did_you_mean(slug, self.issues)
                message = f"unknown issue '{slug}'{hint}"
                raise UnknownIssueError(message)
        if threshold is not None and not isinstance(threshold, Mapping):
            thresholds[self.model.learned] = threshold
        for slug, value in named.items():
            thresholds[self.issues.index(slug)] = value
        if issues is not None:
            left_out = [slug not in issues for slug in self.issues]
            thresholds[left_out] = np.nan
        return thresholds


def load(
    path: str | Path | None = None,
    *,
    version: str | None = None,
    workspace: str | Path | None = None,
) -> Tagger:
    """Load a trained model.

    Parameters
    ----------
    path : path, optional
        A version's folder.
    version : str, optional
        The name of a version of the workspace.
    workspace : path, optional
        The workspace; else ``CLASSIFIER_WORKSPACE``, else the one that encloses the
        current folder. Without any, the model that the package carries is loaded.

    Returns
    -------
    Tagger
        Of the version named, or else of the version in use.

    Raises
    ------
    ModelNotFoundError
        If there is no such version.
    ManifestError
        If its folder is damaged, altered or of a newer format.
    """
    found = find_version(path, version=version, workspace=workspace)
    return Tagger(found.model(), version=found.name)


def find_version(
    path: str | Path | None = None,
    *,
    version: str | None = None,
    workspace: str | Path | None = None,
) -> Version:
    """Find and check a version as `load` does.

    Raises
    ------
    ModelNotFoundError
        If there is no such version.
    ManifestError
        If its folder is damaged, altered or of a newer format.
    """
    if path is not None:
        return read_version(Path(path))
    return find_store(workspace).read(version)
