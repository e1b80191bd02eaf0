"""The scikit-learn pipeline: TF-IDF in context, one logistic regression per issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import (
    CountVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from threadpoolctl import threadpool_limits

from classifier.corpus.passages import N_PRESENCES, Passages
from classifier.model.analyzer import TOKEN_PATTERN, fragments, hash_vocabulary
from classifier.model.linear import LinearModel, quantise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from classifier.training.decision import Weights
    from classifier.training.settings import TrainingSettings

# What is counted, side by side: words, pairs and triples, and fragments of words.
_COUNTED: dict[str, dict[str, Any]] = {
    "ngrams": {"ngram_range": (1, 3), "token_pattern": TOKEN_PATTERN},
    "fragments": {"analyzer": fragments},
}
# Characters from which a second process saves more time than its start takes.
_WORTH_A_PROCESS = 300_000

# A paragraph by itself, or with its title, the paragraph before and the one after.
Row = str | tuple[str, str | None, str | None, str | None]


class InContext(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Adds the features of a paragraph's context to its own, each at a weight.

    Behind them stands a column for each combination of parts, 1 where a paragraph has
    just these.

    Parameters
    ----------
    features : transformer
        From texts to features.
    weights : tuple of float
        What a title, a paragraph before and a paragraph after count for.
    """

    def __init__(self, features: FeatureUnion, weights: tuple[float, ...]) -> None:
        self.features = features
        self.weights = weights

    def fit(self, rows: Sequence[Row], _labelled: object = None) -> Self:
        """Learn vocabulary and idf from the paragraphs, not from their contexts."""
        self.features.fit([row if isinstance(row, str) else row[0] for row in rows])
        return self

    def transform(self, rows: Sequence[Row]) -> sparse.csr_matrix:
        """Return the features, of shape (n_paragraphs, n_features + 8)."""
        columns = zip(
            *((row, None, None, None) if isinstance(row, str) else row for row in rows),
            strict=True,
        )
        passages = Passages.gather(*columns)
        return in_context(
            self.features.transform(passages.texts), passages, self.weights
        )


def make_pipeline(settings: TrainingSettings, context: Weights) -> Pipeline:
    """Return an unfitted pipeline from paragraphs in context to probabilities."""
    vectorizers = [
        (name, TfidfVectorizer(sublinear_tf=True, min_df=min_df, **analyzer))
        for (name, analyzer), min_df in zip(
            _COUNTED.items(), _least_counts(settings), strict=True
        )
    ]
    return Pipeline(
        [
            ("tfidf", InContext(FeatureUnion(vectorizers), context)),
            ("issues", _make_classifier(settings)),
        ]
    )


def to_rows(passages: Passages) -> list[Row]:
    """Return passages as the pipeline takes them."""
    texts = passages.texts

    def text_at(place: int) -> str | None:
        return texts[place] if place >= 0 else None

    return [
        (texts[paragraph], *map(text_at, context))
        for paragraph, context in zip(
            passages.paragraphs.tolist(), passages.context.tolist(), strict=True
        )
    ]


def in_context(
    features: sparse.csr_matrix, passages: Passages, weights: Sequence[float]
) -> sparse.csr_matrix:
    """Return the features of paragraphs in context from those of their texts."""
    n_texts = len(passages.texts)
    places = np.column_stack([passages.paragraphs, passages.context])
    rows, parts = np.nonzero(places >= 0)
    mixing = sparse.csr_matrix(
        (np.array([1.0, *weights])[parts], (rows, places[rows, parts])),
        shape=(len(passages), n_texts),
    )
    presences = sparse.csr_matrix(np.eye(N_PRESENCES)[passages.present])
    return sparse.hstack([mixing @ features, presences]).tocsr()


def count_ngrams(texts: Sequence[str]) -> dict[str, sparse.csr_matrix]:
    """Count what is counted in some texts: n-grams, and fragments of words."""
    return {
        name: CountVectorizer(**analyzer).fit_transform(texts)
        for name, analyzer in _COUNTED.items()
    }


def fit_folds(
    counts: dict[str, sparse.csr_matrix],
    passages: Passages,
    labelled: NDArray[np.bool_],
    folds: NDArray[np.intp],
    settings: TrainingSettings,
    context: Weights,
    *,
    final: bool = False,
) -> Iterator[NDArray[np.float64] | Pipeline]:
    """Fit a model without each fold and, where it is asked for, one on everything.

    Each fold's vocabulary and idf come from its training paragraphs alone, as if its
    pipeline had been fitted on them from the start. Fits are shared out over the
    processor's cores where there is enough to do; what comes out is the same on any
    number of them.

    Parameters
    ----------
    counts : dict of str to sparse matrix of shape (n_texts, n_ngrams)
        See `count_ngrams`; of some kinds only for a quicker, poorer model.
    passages : Passages
        The labelled paragraphs in their contexts.
    labelled : ndarray of shape (n_paragraphs, n_issues)
        The labels.
    folds : ndarray of shape (n_paragraphs,)
        See `folds.assign_folds`; -1 for a text of the codebook's, always trained on.
    settings : TrainingSettings
        How to fit.
    context : tuple of float
        What title, paragraph before and paragraph after count for.
    final : bool
        Whether the pipeline fitted on everything is wanted as well.

    Yields
    ------
    evidence : ndarray of shape (n_texts, n_issues)
        For each fold in turn what each text says by a model that did not see the fold,
        in log-odds before calibration; for the fold's own texts it is out-of-fold.
    pipeline : Pipeline
        Last, where it is asked for: fitted, and not calibrated.
    """
    tasks = [
        joblib.delayed(_fit_without)(
            counts, passages, labelled, folds == fold, settings, context
        )
        for fold in range(int(folds.max()) + 1)
    ]
    if final:
        tasks.append(
            joblib.delayed(_fit_pipeline)(passages, labelled, settings, context)
        )
    size = sum(map(len, passages.texts))
    n_jobs = min(joblib.cpu_count(), len(tasks)) if size > _WORTH_A_PROCESS else 1
    yield from joblib.Parallel(n_jobs, return_as="generator")(tasks)


def _fit_without(
    counts: dict[str, sparse.csr_matrix],
    passages: Passages,
    labelled: NDArray[np.bool_],
    held_out: NDArray[np.bool_],
    settings: TrainingSettings,
    context: Weights,
) -> NDArray[np.float64]:
    """Fit a model on the paragraphs that are not held out, and score all texts."""
    seen = passages.take(~held_out)
    with threadpool_limits(1):
        features = sparse.hstack(
            [
                _weigh(counts[name], seen.paragraphs, min_df)
                for name, min_df in zip(_COUNTED, _least_counts(settings), strict=True)
                if name in counts
            ]
        ).tocsr()
        classifier = _make_classifier(settings)
        classifier.fit(in_context(features, seen, context), labelled[~held_out])
        weights, _ = _coefficients(classifier)
        return np.asarray(features @ weights[:-N_PRESENCES])


def _fit_pipeline(
    passages: Passages,
    labelled: NDArray[np.bool_],
    settings: TrainingSettings,
    context: Weights,
) -> Pipeline:
    """Fit the pipeline on all labelled paragraphs."""
    # Numpy's sums of long vectors depend on the number of threads in their last bits;
    # with one thread the same inputs give the same bytes on any number of cores.
    with threadpool_limits(1):
        return make_pipeline(settings, context).fit(to_rows(passages), labelled)


def calibrate(
    pipeline: Pipeline, slopes: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> None:
    """Fold a sigmoid calibration into a fitted pipeline's own coefficients.

    A sigmoid of a linear score is a logistic regression again, so the pipeline's
    ``predict_proba`` gives calibrated probabilities by scikit-learn's own sums. Idf and
    coefficients are rounded to the precision in which they are saved; the intercepts,
    one for each combination of parts, are those of the last columns.

    Parameters
    ----------
    pipeline : Pipeline
        As fitted by `fit_folds`.
    slopes : ndarray of shape (n_issues,)
        What the scores are multiplied by.
    intercepts : ndarray of shape (8, n_issues)
        What is then added to them.
    """
    for _, vectorizer in pipeline[0].features.transformer_list:
        vectorizer.idf_ = vectorizer.idf_.astype(np.float32).astype(np.float64)
    weights, _ = _coefficients(pipeline[-1])
    scales, steps = quantise(weights * slopes)
    rounded = scales[:, np.newaxis].astype(np.float64) * steps
    rounded[-N_PRESENCES:] = intercepts
    for estimator, own in zip(pipeline[-1].estimators_, rounded.T, strict=True):
        estimator.coef_ = own[np.newaxis].copy()
        estimator.intercept_ = np.zeros(1)


def to_linear_model(
    pipeline: Pipeline,
    issues: tuple[str, ...],
    learned: Sequence[int],
    thresholds: Sequence[float],
) -> tuple[LinearModel, list[str]]:
    """Turn a calibrated pipeline into the model that tags.

    Returns
    -------
    model : LinearModel
        Its features in the order of their hashes.
    vocabulary : list of str
        The n-grams and fragments in that order.
    """
    context, classifier = pipeline[0], pipeline[-1]
    ngrams, pieces = (v for _, v in context.features.transformer_list)
    names = [v.get_feature_names_out().tolist() for v in (ngrams, pieces)]
    hashes = hash_vocabulary(*names)
    order = np.argsort(hashes)
    weights, _ = _coefficients(classifier)
    scales, steps = quantise(weights[order])
    all_thresholds = np.full(len(issues), np.nan)
    all_thresholds[learned] = thresholds
    model = LinearModel(
        issues=issues,
        learned=np.array(learned, dtype=np.intp),
        hashes=hashes[order],
        idf=np.concatenate([ngrams.idf_, pieces.idf_])[order].astype(np.float32),
        is_fragment=order >= len(names[0]),
        weights=steps,
        scales=scales,
        intercepts=weights[-N_PRESENCES:].copy(),
        context=np.array(context.weights),
        thresholds=all_thresholds,
    )
    vocabulary = [*names[0], *names[1]]
    return model, [vocabulary[i] for i in order]


def _least_counts(settings: TrainingSettings) -> tuple[int, int]:
    """Return the paragraphs that a feature must stand in, for each that is counted."""
    return settings.min_df, settings.min_df_fragments


def _weigh(
    counts: sparse.csr_matrix, seen: NDArray[np.intp], min_df: int
) -> sparse.csr_matrix:
    """Return the TF-IDF features of all texts, as learned from those that are seen."""
    known = counts[seen]
    df = np.asarray((known > 0).sum(axis=0)).ravel()
    tfidf = TfidfTransformer(sublinear_tf=True).fit(known[:, df >= min_df])
    return tfidf.transform(counts[:, df >= min_df])


def _make_classifier(settings: TrainingSettings) -> OneVsRestClassifier:
    """Return an unfitted classifier from TF-IDF features to probabilities."""
    return OneVsRestClassifier(
        LogisticRegression(
            C=settings.regularisation,
            class_weight="balanced",
            solver="liblinear",
            # The dual has as many variables as there are paragraphs, and converges to
            # the same tags in a third of the time.
            dual=True,
            tol=settings.tolerance,
            random_state=settings.seed,
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
