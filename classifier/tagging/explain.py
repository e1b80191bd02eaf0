"""What each word and pair of a paragraph adds to an issue's score, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.corpus.passages import PARTS, Passages
from classifier.errors import UnknownIssueError
from classifier.files import did_you_mean
from classifier.model.analyzer import hash_ngrams, ngrams, word_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.model.linear import LinearModel


@dataclass(frozen=True, slots=True)
class Contribution:
    """An n-gram and what it adds to the score.

    Attributes
    ----------
    ngram : str
        A word, or two or three with blanks between.
    value : float
        In log-odds.
    part : str
        Where it stands: ``text``, the paragraph itself, or ``title``, ``previous`` or
        ``following``.
    """

    ngram: str
    value: float
    part: str = "text"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paragraph has its probability of an issue.

    Attributes
    ----------
    issue : str
        The slug.
    probability, threshold : float
        The probability, and from where on the issue is tagged.
    intercept : float
        The score of a paragraph without any known n-gram, in log-odds.
    contributions : tuple of Contribution
        One per known n-gram of the paragraph and of each part of its context, the
        strongest first, whether for or against; a word counts with its fragments.
        Together with the intercept they sum to the score, whose logistic function is
        the probability.
    """

    issue: str
    probability: float
    threshold: float
    intercept: float
    contributions: tuple[Contribution, ...]

    @property
    def score(self) -> float:
        """The score, in log-odds."""
        return self.intercept + sum(c.value for c in self.contributions)


def explain(
    model: LinearModel,
    text: str,
    issue: str,
    *,
    title: str | None = None,
    previous: str | None = None,
    following: str | None = None,
) -> Explanation:
    """Explain the probability of one issue for one paragraph in its context.

    Raises
    ------
    UnknownIssueError
        If the model does not have the issue, or has not learned it.
    """
    column = _column(model, issue)
    index = model.issues.index(issue)
    passages = Passages.gather([text], [title], [previous], [following])
    texts = {"text": (text, 1.0)}
    for part, context, weight in zip(
        PARTS, (title, previous, following), model.context.tolist(), strict=True
    ):
        if context and weight:
            texts[part] = (context, weight)
    contributions = [
        Contribution(ngram, value * weight, part)
        for part, (content, weight) in texts.items()
        for ngram, value in _ngram_values(model, content, column).items()
    ]
    contributions.sort(key=lambda c: (-abs(c.value), c.part, c.ngram))
    return Explanation(
        issue,
        float(model.predict_proba(passages)[0, index]),
        float(model.thresholds[index]),
        float(model.intercepts[passages.present[0], column]),
        tuple(contributions),
    )


def mark_words(model: LinearModel, text: str, issue: str) -> list[tuple[str, float]]:
    """Cut a text into words and what stands between, each with what it adds.

    An n-gram's share of the score is spread evenly over its words.

    Returns
    -------
    list of (str, float)
        The pieces, which joined are the text, and log-odds; 0 between words.

    Raises
    ------
    UnknownIssueError
        If the model does not have the issue, or has not learned it.
    """
    column = _column(model, issue)
    lowered = text.lower()
    # A few letters change their length in lower case; their text is shown in it.
    shown = text if len(text) == len(lowered) else lowered
    spans = word_spans(lowered)
    values = np.zeros(len(spans))
    for _, words, share in _occurrences(model, text, column):
        for word in words:
            values[word] += share / len(words)
    pieces = []
    end = 0
    for (start, stop), value in zip(spans, values.tolist(), strict=True):
        if start > end:
            pieces.append((shown[end:start], 0.0))
        pieces.append((shown[start:stop], value))
        end = stop
    if end < len(shown):
        pieces.append((shown[end:], 0.0))
    return pieces


def _column(model: LinearModel, issue: str) -> int:
    """Return an issue's column of the weights."""
    if issue not in model.issues:
        message = f"unknown issue '{issue}'{did_you_mean(issue, model.issues)}"
        raise UnknownIssueError(message)
    index = model.issues.index(issue)
    if index not in model.learned:
        message = f"issue '{issue}' is not learned: it had too few labels"
        raise UnknownIssueError(message)
    return int(np.flatnonzero(model.learned == index)[0])


def _ngram_values(model: LinearModel, text: str, column: int) -> dict[str, float]:
    """Return what each known n-gram of a text adds to its evidence."""
    sums: dict[str, float] = {}
    for ngram, _, share in _occurrences(model, text, column):
        sums[ngram] = sums.get(ngram, 0.0) + share
    return sums


def _occurrences(
    model: LinearModel, text: str, column: int
) -> Iterator[tuple[str, range, float]]:
    """Yield each place where a known feature stands, and its share of the evidence.

    Yields
    ------
    ngram : str
        The n-gram; for a fragment the word that it stands in.
    words : range
        The words that it covers, counted from 0.
    share : float
        In log-odds. A feature's value is shared out over the places where it stands.
    """
    found = model.features([text])
    value_of = np.zeros(model.n_features)
    weights = model.scales[found.features] * model.weights[found.features, column]
    value_of[found.features] = found.values * weights
    names = ngrams(text)
    of_ngrams, pieces = hash_ngrams([text])
    for part, place_of in (
        (of_ngrams, np.arange(len(names))),
        (pieces, pieces.words),
    ):
        features = model.look_up(part.hashes)
        known = features >= 0
        n_places = np.bincount(features[known], minlength=1)
        shares = value_of[features[known]] / n_places[features[known]]
        places, firsts = place_of[known].tolist(), part.words[known].tolist()
        for place, first, share in zip(places, firsts, shares.tolist(), strict=True):
            name = names[place]
            yield name, range(first, first + 1 + name.count(" ")), share
