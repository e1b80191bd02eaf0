"""Scores to probabilities, fitted on out-of-fold scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifier.model.linear import logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Below this many positives an issue has only an intercept of its own.
_MIN_POSITIVES = 20


def fit_calibration(
    scores: NDArray[np.float64], labelled: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a sigmoid per issue: probability = logistic(slope * score + intercept).

    Platt's method (1999) with the targets of Lin, Lin and Weng (2007), which keep the
    fit finite where the scores part the labels. Issues with few positives share one
    slope, fitted on all issues together.

    Parameters
    ----------
    scores : ndarray of shape (n_paragraphs, n_issues)
        Out-of-fold, in log-odds.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.

    Returns
    -------
    slopes, intercepts : ndarray of shape (n_issues,)
        Slopes are positive.
    """
    shared, _ = _fit_sigmoid(scores.T.ravel(), labelled.T.ravel())
    shared = max(shared, 1e-3)
    fits = []
    for column, truth in zip(scores.T, labelled.T, strict=True):
        slope, intercept = _fit_sigmoid(column, truth)
        # A slope that is not positive says that the scores tell nothing of the issue.
        if truth.sum() < _MIN_POSITIVES or slope <= 0:
            slope, intercept = _fit_sigmoid(column, truth, slope=shared)
        fits.append((slope, intercept))
    slopes, intercepts = np.array(fits).reshape(-1, 2).T
    return slopes, intercepts


def fit_intercepts(
    scores: NDArray[np.float64],
    labelled: NDArray[np.bool_],
    slopes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Fit the sigmoids' intercepts alone, for slopes that are given.

    Parameters
    ----------
    scores, labelled : ndarray of shape (n_paragraphs, n_issues)
        As for `fit_calibration`.
    slopes : ndarray of shape (n_issues,)
        As it returns them.

    Returns
    -------
    ndarray of shape (n_issues,)
    """
    columns = zip(scores.T, labelled.T, slopes.tolist(), strict=True)
    return np.array([_fit_sigmoid(z, y, slope=slope)[1] for z, y, slope in columns])


def _fit_sigmoid(
    scores: NDArray[np.float64],
    labelled: NDArray[np.bool_],
    *,
    slope: float | None = None,
) -> tuple[float, float]:
    """Fit slope and intercept by Newton's method with a halved step where it fails."""
    n_positive = float(labelled.sum())
    n_negative = len(labelled) - n_positive
    targets = np.where(
        labelled, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2)
    )
    is_free = np.array([slope is None, True])
    point = np.array(
        [1.0 if slope is None else slope, np.log((n_positive + 1) / (n_negative + 1))]
    )
    inputs = np.column_stack([scores, np.ones(len(scores))])
    loss = _log_loss(inputs @ point, targets)
    for _ in range(100):
        linear = inputs @ point
        probabilities = logistic(linear)
        gradient = (inputs.T @ (probabilities - targets))[is_free]
        weights = probabilities * (1 - probabilities)
        curvature = (inputs.T * weights) @ inputs + 1e-9 * np.eye(2)
        step = np.zeros(2)
        step[is_free] = np.linalg.solve(curvature[np.ix_(is_free, is_free)], gradient)
        size = 1.0
        while size > 1e-10:  # noqa: PLR2004
            new = _log_loss(inputs @ (point - size * step), targets)
            if new <= loss:
                break
            size /= 2
        point = point - size * step
        if loss - new < 1e-12 * max(1.0, loss):
            break
        loss = new
    return float(point[0]), float(point[1])


def _log_loss(linear: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """Return the cross-entropy of logistic(linear) against targets in [0, 1]."""
    return float(np.sum(np.logaddexp(0, linear) - targets * linear))
