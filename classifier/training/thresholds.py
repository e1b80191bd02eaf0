"""A threshold per issue, chosen on out-of-fold probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Bounds that hold whatever few labels say: below the lower one a tag would more often
# be wrong than right by far, above the upper one a sure paragraph would go untagged.
_LOWEST, _HIGHEST = 0.15, 0.7
_CANDIDATES = np.linspace(_LOWEST, _HIGHEST, 56)
# Positives from which an issue may have a threshold of its own (Lin and Lin, 2023: F1
# tuned on fewer overfits).
_MIN_POSITIVES = 20
_N_RESAMPLES = 100


def choose_thresholds(
    probabilities: NDArray[np.float64],
    labelled: NDArray[np.bool_],
    articles: Sequence[str] | NDArray[np.str_],
    *,
    seed: int,
) -> NDArray[np.float64]:
    """Choose the threshold of each issue.

    It is the highest one whose F1 is not worse than the best by more than one standard
    error, over resampled articles: the one-standard-error rule of Breiman, Friedman,
    Olshen and Stone (1984). F1 is flat around its best, and the news that is tagged has
    fewer paragraphs with an issue than a labelled set gathered for its issues, so that
    of thresholds that are as good the highest serves best. Issues with few positives
    share one threshold, chosen over all issues together.

    Parameters
    ----------
    probabilities : ndarray of shape (n_paragraphs, n_issues)
        Out-of-fold.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    articles : sequence of str, of length n_paragraphs
        The article of each paragraph.
    seed : int
        Decides which articles are resampled.

    Returns
    -------
    ndarray of shape (n_issues,)
        Thresholds in [0.15, 0.7].
    """
    _, owners = np.unique(np.array(articles), return_inverse=True)
    # Both of shape (n_candidates, n_articles, n_issues).
    tagged = np.stack([_sum_by(probabilities >= c, owners) for c in _CANDIDATES])
    true = np.stack(
        [_sum_by((probabilities >= c) & labelled, owners) for c in _CANDIDATES]
    )
    positives = _sum_by(labelled, owners)
    drawn = np.random.default_rng(seed).multinomial(
        len(positives), np.full(len(positives), 1 / len(positives)), _N_RESAMPLES
    )
    shared = _one_standard_error(
        true.sum(axis=2), tagged.sum(axis=2), positives.sum(axis=1), drawn
    )
    return np.array(
        [
            _one_standard_error(true[:, :, i], tagged[:, :, i], positives[:, i], drawn)
            if positives[:, i].sum() >= _MIN_POSITIVES
            else shared
            for i in range(labelled.shape[1])
        ]
    )


def _one_standard_error(
    true: NDArray[np.float64],
    tagged: NDArray[np.float64],
    positives: NDArray[np.float64],
    drawn: NDArray[np.int64],
) -> float:
    """Return the highest candidate whose F1 is within one standard error of the best.

    The standard error is that of the difference to the best, since the same articles
    are behind both.
    """
    everything = np.ones((1, len(positives)))
    f1 = _f1(everything @ true.T, everything @ tagged.T, everything @ positives)[0]
    best = int(np.argmax(f1))
    resampled = _f1(drawn @ true.T, drawn @ tagged.T, drawn @ positives)
    errors = np.std(resampled - resampled[:, [best]], axis=0)
    as_good = np.flatnonzero(f1[best] - f1 <= errors)
    return float(_CANDIDATES[as_good[-1]])


def _f1(
    true: NDArray[np.float64],
    tagged: NDArray[np.float64],
    positives: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the F1 of each draw (rows) and candidate (columns)."""
    return 2 * true / np.maximum(tagged + positives[:, np.newaxis], 1)


def _sum_by(values: NDArray[np.bool_], owners: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sum rows by their owner."""
    sums = np.zeros((int(owners.max()) + 1, values.shape[1]))
    np.add.at(sums, owners, values)
    return sums
