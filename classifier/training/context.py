"""What the context of a paragraph counts for, learned from the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifier.corpus.passages import PARTS
from classifier.evaluation.bootstrap import ArticleCounts
from classifier.model.linear import logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.training.decision import Evidence, Weights

NO_CONTEXT: Weights = (0.0, 0.0, 0.0)


def choose_context(
    evidence: Evidence,
    labelled: NDArray[np.bool_],
    articles: NDArray[np.str_],
    *,
    seed: int,
) -> Weights:
    """Choose what title, paragraph before and paragraph after count for.

    One logistic regression over all issues at once, with an intercept for each, weighs
    what the parts of the context say against what the paragraph itself says; the ratio
    of their coefficients to its own are the weights. They are taken if they raise the
    F1 of all tags by more than one standard error over resampled articles: sentences of
    a contract say nothing of each other, paragraphs of a report do.

    Parameters
    ----------
    evidence : Evidence
        Out-of-fold, by models that read each text by itself.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    articles : ndarray of shape (n_paragraphs,)
        The article of each paragraph.
    seed : int
        Decides which articles are resampled.

    Returns
    -------
    tuple of float
        Title, before, after; in [0, 1], rounded to 2 decimals.
    """
    own, *context = evidence.parts
    has = (evidence.present[:, np.newaxis] >> np.arange(len(PARTS))) & 1 == 1
    parts = [own]
    for part, there in zip(context, has.T, strict=True):
        # What is not there says what such a part says on average.
        mean = part[there].mean(axis=0) if there.any() else 0.0
        parts.append(np.where(there[:, np.newaxis], part - mean, 0.0))
    stacked = np.stack(parts)
    slope, *slopes = _fit_pooled(stacked, labelled.astype(float))
    if slope <= 0:
        return NO_CONTEXT
    weights = np.clip(np.round(np.array(slopes) / slope, 2), 0.0, 1.0)
    combined = own + np.tensordot(weights, stacked[1:], axes=1)
    with_context, without = (
        ArticleCounts.of(labelled, _best_tags(scores, labelled), articles)
        .resampled(seed=seed)
        .micro_f1()
        for scores in (combined, own)
    )
    gain = with_context - without
    if np.mean(gain) <= np.std(gain):
        return NO_CONTEXT
    title, previous, following = weights.tolist()
    return title, previous, following


def _best_tags(
    scores: NDArray[np.float64], labelled: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tag from the score on at which the F1 of all tags together is best."""
    ordered = np.sort(scores, axis=None)[::-1]
    true = np.cumsum(labelled.ravel()[np.argsort(-scores, axis=None)])
    n_tagged = np.arange(1, len(ordered) + 1)
    best = np.argmax(true / (n_tagged + labelled.sum()))
    return np.asarray(scores >= ordered[best])


def _fit_pooled(
    parts: NDArray[np.float64], labelled: NDArray[np.float64]
) -> list[float]:
    """Fit a logistic regression whose issues share all but their intercepts."""
    from scipy.optimize import minimize  # noqa: PLC0415 - comes with scikit-learn

    n_parts, n_issues = len(parts), labelled.shape[1]

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        linear = np.tensordot(point[:n_parts], parts, axes=1) + point[n_parts:]
        residual = logistic(linear) - labelled
        value = np.sum(np.logaddexp(0, linear) - labelled * linear)
        slopes = np.tensordot(parts, residual, axes=2)
        gradient = np.concatenate([slopes, residual.sum(axis=0)])
        return float(value) / len(labelled), gradient / len(labelled)

    start = np.concatenate([np.eye(n_parts)[0], np.full(n_issues, -2.0)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    slopes: list[float] = found.x[:n_parts].tolist()
    return slopes
