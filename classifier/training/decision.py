"""From what a paragraph and its context say to probabilities and tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.corpus.passages import N_PRESENCES, PARTS
from classifier.model.linear import logistic
from classifier.training.calibration import fit_calibration, fit_intercepts
from classifier.training.thresholds import choose_thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.corpus.passages import Passages

# What title, paragraph before and paragraph after count for.
Weights = tuple[float, float, float]

# Paragraphs that must have some parts for an intercept to be fitted on them.
_MIN_PARAGRAPHS = 20


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to probabilities.

    Attributes
    ----------
    slopes : ndarray of shape (n_issues,)
        What scores are multiplied by.
    intercepts : ndarray of shape (8, n_issues)
        What is then added, by the parts of the context that are there.
    """

    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def probabilities(
        self, scores: NDArray[np.float64], present: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return calibrated probabilities of shape (n_paragraphs, n_issues)."""
        return logistic(scores * self.slopes + self.intercepts[present])


@dataclass(frozen=True, slots=True)
class Decision:
    """A calibration, and the thresholds of shape (n_issues,) from which to tag."""

    calibration: Calibration
    thresholds: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Out-of-fold evidence of paragraphs and of each part of their contexts.

    Attributes
    ----------
    parts : ndarray of shape (4, n_paragraphs, n_issues)
        In log-odds: of the paragraphs themselves, their titles, the paragraphs before
        and those after; 0 where there is none.
    present : ndarray of shape (n_paragraphs,)
        Which parts are there, see `Passages.present`.
    """

    parts: NDArray[np.float64]
    present: NDArray[np.intp]

    @classmethod
    def empty(cls, passages: Passages, n_issues: int) -> Evidence:
        """Return evidence to be filled in fold by fold."""
        parts = np.zeros((1 + len(PARTS), len(passages), n_issues))
        return cls(parts, passages.present)

    def fill(
        self,
        passages: Passages,
        rows: NDArray[np.bool_],
        evidence: NDArray[np.float64],
    ) -> None:
        """Take over what a model says of the texts of some paragraphs."""
        own = passages.take(rows)
        self.parts[0, rows] = evidence[own.paragraphs]
        for part in range(len(PARTS)):
            places = own.context[:, part, np.newaxis]
            self.parts[1 + part, rows] = np.where(
                places >= 0, evidence[places[:, 0]], 0
            )

    def scores(
        self, weights: Weights, parts: int = N_PRESENCES - 1
    ) -> NDArray[np.float64]:
        """Return scores, with the parts left out whose bits are not set."""
        is_used = (parts >> np.arange(len(PARTS))) & 1
        return np.tensordot(np.append(1.0, weights * is_used), self.parts, axes=1)


def fit_decision(
    evidence: Evidence,
    labelled: NDArray[np.bool_],
    weights: Weights,
    rows: NDArray[np.bool_],
    beta: float,
) -> Decision:
    """Fit calibration and thresholds on some paragraphs.

    The slopes and the thresholds are fitted on the paragraphs with the contexts that
    they have. Each combination of parts has intercepts of its own, fitted on those
    paragraphs that have all of these parts, with the others left out: a paragraph that
    comes alone is not taken for one whose context says nothing of any issue.
    """
    truth = labelled[rows]
    scores = evidence.scores(weights)[rows]
    slopes, own = fit_calibration(scores, truth)
    intercepts = np.tile(own, (N_PRESENCES, 1))
    for parts in range(N_PRESENCES):
        usable = rows & ((evidence.present & parts) == parts)
        if usable.sum() >= _MIN_PARAGRAPHS:
            alone = evidence.scores(weights, parts)[usable]
            intercepts[parts] = fit_intercepts(alone, labelled[usable], slopes)
    calibration = Calibration(slopes, intercepts)
    probabilities = calibration.probabilities(scores, evidence.present[rows])
    return Decision(calibration, choose_thresholds(probabilities, beta))
