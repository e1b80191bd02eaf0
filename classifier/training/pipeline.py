"""The scikit-learn pipeline: TF-IDF and one logistic regression per issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import (
    CountVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline

from classifier.model.analyzer import TOKEN_PATTERN, fragments, hash_vocabulary
from classifier.model.linear import LinearModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from classifier.training.settings import TrainingSettings

# What is counted, side by side: words and pairs, and fragments of words.
_COUNTED: dict[str, dict[str, Any]] = {
    "ngrams": {"ngram_range": (1, 2), "token_pattern": TOKEN_PATTERN},
    "fragments": {"analyzer": fragments},
}


def make_pipeline(settings: TrainingSettings) -> Pipeline:
    """Return an unfitted pipeline from paragraphs to probabilities."""
    vectorizers = [
        (name, TfidfVectorizer(sublinear_tf=True, min_df=min_df, **analyzer))
        for (name, analyzer), min_df in zip(
            _COUNTED.items(), _least_counts(settings), strict=True
        )
    ]
    return Pipeline(
        [("tfidf", FeatureUnion(vectorizers)), ("issues", _make_classifier(settings))]
    )


def out_of_fold_scores(
    texts: Sequence[str],
    labelled: NDArray[np.bool_],
    folds: NDArray[np.intp],
    settings: TrainingSettings,
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float64]]]:
    """Score each paragraph by a model that saw neither it nor its article.

    N-grams are counted once; each fold's vocabulary and idf come from its training
    paragraphs alone, as if its pipeline had been fitted on them from the start.

    Parameters
    ----------
    texts : sequence of str, of length n_paragraphs
        The paragraphs.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    folds : ndarray of shape (n_paragraphs,)
        See `folds.assign_folds`.
    settings : TrainingSettings
        As for the final fit.

    Yields
    ------
    rows : ndarray of shape (n_paragraphs,)
        True where a paragraph belongs to the fold.
    scores : ndarray of shape (n_in_fold, n_issues)
        Log-odds before calibration.
    """
    counts = [CountVectorizer(**a).fit_transform(texts) for a in _COUNTED.values()]
    for fold in np.unique(folds):
        held_out = folds == fold
        blocks = [
            _weigh(block, held_out, min_df)
            for block, min_df in zip(counts, _least_counts(settings), strict=True)
        ]
        seen, unseen = (
            sparse.hstack(part).tocsr() for part in zip(*blocks, strict=True)
        )
        classifier = _make_classifier(settings)
        classifier.fit(seen, labelled[~held_out])
        weights, intercepts = _coefficients(classifier)
        yield held_out, unseen @ weights + intercepts


def calibrate(
    pipeline: Pipeline, slopes: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> None:
    """Fold a sigmoid calibration into a fitted pipeline's own coefficients.

    A sigmoid of a linear score is a logistic regression again, so the pipeline's
    ``predict_proba`` gives calibrated probabilities without a class of ours. The
    coefficients are rounded to half precision, in which they are saved.
    """
    estimators = pipeline[-1].estimators_
    for estimator, slope, intercept in zip(estimators, slopes, intercepts, strict=True):
        rounded = (estimator.coef_ * slope).astype(np.float16)
        estimator.coef_ = rounded.astype(np.float64)
        estimator.intercept_ = estimator.intercept_ * slope + intercept


def to_linear_model(
    pipeline: Pipeline,
    issues: tuple[str, ...],
    learned: Sequence[int],
    thresholds: Sequence[float],
) -> tuple[LinearModel, list[str]]:
    """Turn a fitted pipeline into the model that tags.

    Returns
    -------
    model : LinearModel
        Its features in the order of their hashes.
    vocabulary : list of str
        The n-grams and fragments in that order.
    """
    ngrams, pieces = (v for _, v in pipeline[0].transformer_list)
    names = [v.get_feature_names_out().tolist() for v in (ngrams, pieces)]
    hashes = hash_vocabulary(*names)
    order = np.argsort(hashes)
    weights, intercepts = _coefficients(pipeline[-1])
    all_thresholds = np.full(len(issues), np.nan)
    all_thresholds[learned] = thresholds
    model = LinearModel(
        issues=issues,
        learned=np.array(learned, dtype=np.intp),
        hashes=hashes[order],
        idf=np.concatenate([ngrams.idf_, pieces.idf_])[order],
        is_fragment=order >= len(names[0]),
        weights=np.ascontiguousarray(weights[order], dtype=np.float32),
        intercepts=intercepts,
        thresholds=all_thresholds,
    )
    vocabulary = [*names[0], *names[1]]
    return model, [vocabulary[i] for i in order]


def _least_counts(settings: TrainingSettings) -> tuple[int, int]:
    """Return the paragraphs that a feature must stand in, for each that is counted."""
    return settings.min_df, settings.min_df_fragments


def _weigh(
    counts: sparse.csr_matrix, held_out: NDArray[np.bool_], min_df: int
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return the TF-IDF features of a fold's training and held-out paragraphs."""
    df = np.asarray((counts[~held_out] > 0).sum(axis=0)).ravel()
    kept = counts[:, df >= min_df]
    tfidf = TfidfTransformer(sublinear_tf=True).fit(kept[~held_out])
    return tfidf.transform(kept[~held_out]), tfidf.transform(kept[held_out])


def _make_classifier(settings: TrainingSettings) -> OneVsRestClassifier:
    """Return an unfitted classifier from TF-IDF features to probabilities."""
    return OneVsRestClassifier(
        LogisticRegression(
            C=settings.regularisation, class_weight="balanced", solver="liblinear"
        )
    )


def _coefficients(
    classifier: OneVsRestClassifier,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights of shape (n_features, n_issues) and intercepts (n_issues,)."""
    estimators = classifier.estimators_
    weights = np.vstack([estimator.coef_ for estimator in estimators]).T
    intercepts = np.concatenate([estimator.intercept_ for estimator in estimators])
    return weights, intercepts
