"""What each word and pair of a paragraph adds to an issue's score, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.corpus.passages import PARTS, Passages
from classifier.errors import UnknownIssueError
from classifier.files import did_you_mean
from classifier.model.analyzer import hash_ngrams, ngrams

if TYPE_CHECKING:
    from classifier.model.linear import LinearModel


@dataclass(frozen=True, slots=True)
class Contribution:
    """An n-gram and what it adds to the score.

    Attributes
    ----------
    ngram : str
        A word, or two with a blank between.
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
        One per known word or pair of the paragraph and of each part of its context, the
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
    if issue not in model.issues:
        message = f"unknown issue '{issue}'{did_you_mean(issue, model.issues)}"
        raise UnknownIssueError(message)
    index = model.issues.index(issue)
    if index not in model.learned:
        message = f"issue '{issue}' is not learned: it had too few labels"
        raise UnknownIssueError(message)
    column = int(np.flatnonzero(model.learned == index)[0])
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


def _ngram_values(model: LinearModel, text: str, column: int) -> dict[str, float]:
    """Return what each known word and pair of a text adds to its evidence."""
    found = model.features([text])
    values = found.values * model.weights[found.features, column]
    value_of = np.zeros(model.n_features)
    value_of[found.features] = values
    names = ngrams(text)
    sums: dict[str, float] = {}
    both, pieces = hash_ngrams([text])
    for part, place_of in ((both, np.arange(len(names))), (pieces, pieces.words)):
        features = model.look_up(part.hashes)
        known = features >= 0
        # A feature's value is shared out over the places where it stands; that of a
        # fragment goes to the words there.
        n_places = np.bincount(features[known], minlength=1)
        shares = value_of[features[known]] / n_places[features[known]]
        places = place_of[known].tolist()
        for place, share in zip(places, shares.tolist(), strict=True):
            sums[names[place]] = sums.get(names[place], 0.0) + share
    return sums
