"""A threshold per issue, chosen on out-of-fold probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from classifier.evaluation.metrics import f1_score

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bounds that hold whatever few labels say: below the lower one a tag would more often
# be wrong than right by far, above the upper one a sure paragraph would go untagged.
_LOWEST, _HIGHEST = 0.15, 0.7
# Positives from which an issue may have a threshold of its own (Lin and Lin, 2023: F1
# tuned on fewer overfits).
_MIN_POSITIVES = 20


def choose_thresholds(
    probabilities: NDArray[np.float64],
    labelled: NDArray[np.bool_],
    folds: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Choose the threshold of each issue.

    The default is the one threshold with the best F1 over all issues. An issue gets
    its own where it has enough positives and where, chosen without a fold and applied
    to it, fold by fold, it beats the default.

    Parameters
    ----------
    probabilities : ndarray of shape (n_paragraphs, n_issues)
        Out-of-fold.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    folds : ndarray of shape (n_paragraphs,)
        The fold of each paragraph.

    Returns
    -------
    ndarray of shape (n_issues,)
        Thresholds in [0.15, 0.7].
    """
    default = best_threshold(probabilities.ravel(), labelled.ravel())
    thresholds = np.full(probabilities.shape[1], default)
    for i, (column, truth) in enumerate(zip(probabilities.T, labelled.T, strict=True)):
        if truth.sum() < _MIN_POSITIVES:
            continue
        tagged = np.zeros(len(truth), dtype=bool)
        for fold in np.unique(folds):
            inside = folds == fold
            own = best_threshold(column[~inside], truth[~inside])
            tagged[inside] = column[inside] >= own
        if f1_score(truth, tagged) > f1_score(truth, column >= default):
            thresholds[i] = best_threshold(column, truth)
    return thresholds


def best_threshold(
    probabilities: NDArray[np.float64], labelled: NDArray[np.bool_]
) -> float:
    """Return the threshold with the best F1, midway between two probabilities.

    Parameters
    ----------
    probabilities, labelled : ndarray of shape (n,)
        Of one issue, or of all in a row.

    Returns
    -------
    float
        In [0.15, 0.7].
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    ends = np.flatnonzero(np.diff(ranked, append=-1.0))
    true = np.cumsum(labelled[order])[ends]
    f1 = 2 * true / (ends + 1 + max(1, int(labelled.sum())))
    midpoints = (ranked[ends] + np.append(ranked[ends[1:]], 0.0)) / 2
    allowed = (midpoints >= _LOWEST) & (midpoints <= _HIGHEST)
    if not allowed.any():
        best = midpoints[int(np.argmax(f1))]
        return float(np.clip(best, _LOWEST, _HIGHEST))
    return float(midpoints[allowed][int(np.argmax(f1[allowed]))])
