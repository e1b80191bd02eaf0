"""A label set and a corpus to a trained model."""

from __future__ import annotations

import datetime as dt
import io
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version as library_version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifier.errors import TrainingError
from classifier.evaluation.metrics import Figures, measure
from classifier.model import arrays, store
from classifier.model.linear import logistic
from classifier.training.card import write_card
from classifier.training.data import TrainingData, find_learnable, read_training_data
from classifier.training.settings import TrainingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from classifier.model.linear import LinearModel

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What out-of-fold scores give.

    Attributes
    ----------
    figures : Figures
        How good the tags are; each fold was calibrated and cut by the others.
    learned : list of int
        The indices of the issues that have labels enough.
    not_learned : dict of str to str
        The slugs of the others, and why.
    slopes, intercepts, thresholds : ndarray of shape (n_learned,)
        Of the calibration and of the tagging, fitted on all folds.
    n_folds : int
        The number of folds.
    """

    figures: Figures
    learned: list[int]
    not_learned: dict[str, str]
    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    n_folds: int


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A trained model that has not been saved.

    Attributes
    ----------
    linear : LinearModel
        What tags; ``classifier.Tagger(model.linear)`` uses it at once.
    pipeline : sklearn.pipeline.Pipeline
        The fitted pipeline, its calibration folded in. Its columns are the learned
        issues.
    figures : Figures
        Out-of-fold.
    not_learned : dict of str to str
        The issues left out, and why.
    """

    linear: LinearModel
    pipeline: Pipeline
    figures: Figures
    not_learned: dict[str, str]
    _vocabulary: list[str]
    _data: TrainingData
    _settings: TrainingSettings

    @property
    def issues(self) -> tuple[str, ...]:
        """The slugs of all issues, in codebook order."""
        return self.linear.issues

    def save(
        self, models: str | Path, *, now: dt.datetime | None = None
    ) -> store.Version:
        """Save the model as a new version, whole or not at all.

        The first version of a folder is put in use; a later one waits for
        ``classifier models promote``.

        Parameters
        ----------
        models : path
            The folder of versions.
        now : datetime, optional
            What the version is dated; else the present time.

        Returns
        -------
        Version
            Its name and folder.
        """
        import joblib  # noqa: PLC0415 - the only place that writes one

        now = now or dt.datetime.now(dt.UTC)
        pickled = io.BytesIO()
        joblib.dump(self.pipeline, pickled, compress=3)
        linear = self.linear
        learned = linear.learned.tolist()
        evaluation = {"out_of_fold": self.figures.to_dict()}
        manifest = {
            "created": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
            "issues": linear.issues,
            "thresholds": {linear.issues[i]: linear.thresholds[i] for i in learned},
            "not_learned": self.not_learned,
            "n_features": linear.n_features,
            "settings": asdict(self._settings),
            "inputs": self._data.digests,
            "n_paragraphs": self.figures.n_paragraphs,
            "n_articles": self.figures.n_articles,
            "figures": {
                "micro_f1": evaluation["out_of_fold"]["micro"]["f1"],
                "macro_f1": evaluation["out_of_fold"]["macro"]["f1"],
            },
            "libraries": {
                "python": platform.python_version(),
                **{name: library_version(name) for name in ("numpy", "scikit-learn")},
            },
        }
        files = {
            store.PIPELINE: pickled.getvalue(),
            store.WEIGHTS: arrays.write_arrays(
                {
                    "hashes": linear.hashes,
                    "idf": linear.idf,
                    "is_fragment": linear.is_fragment,
                    "weights": linear.weights.astype(np.float16),
                    "intercepts": linear.intercepts,
                    "vocabulary": arrays.pack_vocabulary(self._vocabulary),
                }
            ),
            store.EVALUATION: (json.dumps(evaluation, indent=1) + "\n").encode(),
            "codebook.toml": self._data.codebook.source,
            "card.md": write_card(self.figures, manifest, self._data.codebook).encode(),
        }
        versions = store.ModelStore(Path(models))
        saved = versions.add(now.date().isoformat(), manifest, files)
        if versions.current() is None:
            versions.promote(saved.name)
        return saved


def train(
    labels: str | Path,
    corpus: str | Path,
    codebook: str | Path,
    *,
    settings: TrainingSettings | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Train a model on any label set and corpus of this form.

    Parameters
    ----------
    labels : path
        The label set, ``labels.csv``.
    corpus : path
        The folder of articles.
    codebook : path
        The codebook, ``codebook.toml``.
    settings : TrainingSettings, optional
        How to train.
    progress : callable, optional
        Called with what is being done, how many steps are done, and of how many.

    Returns
    -------
    TrainedModel
        Not saved yet, see `TrainedModel.save`.

    Raises
    ------
    LabelsError, CodebookError, ArticleError
        If an input is missing or wrong.
    TrainingError
        If no issue has labels enough.
    """
    data = read_training_data(labels, corpus, codebook)
    return train_on(data, settings or TrainingSettings(), progress)


def train_on(
    data: TrainingData, settings: TrainingSettings, progress: Progress | None = None
) -> TrainedModel:
    """Train a model on data that has been read and checked, see `train`.

    Raises
    ------
    TrainingError
        If no issue has labels enough.
    """
    report = progress or _say_nothing
    # Numpy's sums of long vectors depend on the number of threads in their last bits;
    # with one thread the same inputs give the same bytes on any number of cores.
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with sklearn

    from classifier.training.pipeline import (  # noqa: PLC0415 - imports scikit-learn
        calibrate,
        make_pipeline,
        to_linear_model,
    )

    with threadpool_limits(1):
        measured = measure_out_of_fold(data, settings, report)
        learned = measured.learned
        n_folds = measured.n_folds
        report("fitting on all paragraphs", n_folds, n_folds + 1)
        pipeline = make_pipeline(settings)
        pipeline.fit(data.texts, data.labelled[:, learned])
        calibrate(pipeline, measured.slopes, measured.intercepts)
        linear, vocabulary = to_linear_model(
            pipeline, data.codebook.slugs, learned, measured.thresholds.tolist()
        )
    report("done", n_folds + 1, n_folds + 1)
    return TrainedModel(
        linear,
        pipeline,
        measured.figures,
        measured.not_learned,
        vocabulary,
        data,
        settings,
    )


def measure_out_of_fold(
    data: TrainingData, settings: TrainingSettings, progress: Progress | None = None
) -> OutOfFold:
    """Measure by models that saw neither a paragraph nor its article.

    The calibration and the thresholds applied to a fold are fitted on the scores of the
    other folds, so that a fold takes no part in choosing what it is measured by.

    Raises
    ------
    TrainingError
        If no issue has labels enough, or one stands in too few articles to be spread.
    """
    from classifier.training.calibration import fit_calibration  # noqa: PLC0415
    from classifier.training.folds import assign_folds  # noqa: PLC0415
    from classifier.training.pipeline import out_of_fold_scores  # noqa: PLC0415
    from classifier.training.thresholds import choose_thresholds  # noqa: PLC0415

    learned, not_learned = find_learnable(data, settings)
    truth = data.labelled[:, learned]
    articles = np.array(data.articles)
    n_folds = min(settings.n_folds, settings.min_articles, len(set(data.articles)))
    folds = assign_folds(truth, data.articles, n_folds, seed=settings.seed)
    for fold in range(n_folds):
        rest = truth[folds != fold]
        bad = np.flatnonzero(rest.all(axis=0) | ~rest.any(axis=0))
        if len(bad):
            slug = data.codebook.slugs[learned[bad[0]]]
            message = (
                f"issue '{slug}' cannot be measured: all of its labels, or all labels "
                "without it, fell into one fold; label it in more articles"
            )
            raise TrainingError(message)
    report = progress or _say_nothing
    scores = np.empty(truth.shape)
    parts = out_of_fold_scores(data.texts, truth, folds, settings)
    for fold, (rows, part) in enumerate(parts):
        report("measuring out-of-fold", fold, n_folds + 1)
        scores[rows] = part

    def fit(
        rows: NDArray[np.bool_],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Fit calibration and thresholds on some rows."""
        slopes, intercepts = fit_calibration(scores[rows], truth[rows])
        probabilities = logistic(scores[rows] * slopes + intercepts)
        thresholds = choose_thresholds(
            probabilities, truth[rows], articles[rows], seed=settings.seed
        )
        return slopes, intercepts, thresholds

    probabilities = np.full(data.labelled.shape, np.nan)
    tagged = np.zeros(data.labelled.shape, dtype=bool)
    for fold in range(n_folds):
        inside = folds == fold
        slopes, intercepts, thresholds = fit(~inside)
        own = logistic(scores[inside] * slopes + intercepts)
        probabilities[np.ix_(inside, learned)] = own
        tagged[np.ix_(inside, learned)] = own >= thresholds
    figures = measure(
        data.labelled, tagged, probabilities, data.articles, data.codebook.slugs
    )
    everything = fit(np.ones(len(truth), dtype=bool))
    return OutOfFold(figures, learned, not_learned, *everything, n_folds)


def _say_nothing(what: str, done: int, total: int) -> None:
    """Report to nobody."""
