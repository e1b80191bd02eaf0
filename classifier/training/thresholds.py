"""A threshold per issue, chosen on calibrated probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bounds that hold whatever few labels say: below the lower one a tag would more often
# be wrong than right by far, above the upper one a sure paragraph would go untagged.
_LOWEST, _HIGHEST = 0.15, 0.7


def choose_thresholds(
    probabilities: NDArray[np.float64], beta: float
) -> NDArray[np.float64]:
    """Choose the threshold of each issue.

    It is the one whose expected F-beta is best if the probabilities are right: of the
    paragraphs tagged, the sum of their probabilities is the number expected to carry
    the issue (Lewis, 1995; Lipton, Elkan and Naryanaswamy, 2014). The labels enter by
    the calibration alone, two numbers an issue, so that a few of them cannot pull the
    threshold about as they do where the F of the labels themselves is maximised.

    Parameters
    ----------
    probabilities : ndarray of shape (n_paragraphs, n_issues)
        Calibrated, out-of-fold.
    beta : float
        How much more recall counts than precision, see `Codebook.beta`.

    Returns
    -------
    ndarray of shape (n_issues,)
        Thresholds in [0.15, 0.7].
    """
    falling = np.sort(probabilities, axis=0)[::-1]
    n_tagged = np.arange(1, len(falling) + 1)[:, np.newaxis]
    # F-beta without its constant factor, which moves no maximum.
    weighed = beta**2 * falling.sum(axis=0)
    expected = np.cumsum(falling, axis=0) / (n_tagged + weighed)
    best = np.argmax(expected, axis=0)
    columns = np.arange(falling.shape[1])
    # Half-way to the next probability, so that the cut lies on none of them.
    last_tagged = falling[best, columns]
    first_left = falling[np.minimum(best + 1, len(falling) - 1), columns]
    thresholds: NDArray[np.float64] = (last_tagged + first_left) / 2
    return thresholds.clip(_LOWEST, _HIGHEST)
