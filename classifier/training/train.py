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

from classifier.corpus.passages import PARTS
from classifier.errors import TrainingError
from classifier.evaluation.metrics import Figures, measure
from classifier.evaluation.predictions import Predictions
from classifier.model import arrays, version
from classifier.model.store import ModelStore
from classifier.training.card import write_card
from classifier.training.data import TrainingData, find_learnable, read_training_data
from classifier.training.settings import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from classifier.model.linear import LinearModel
    from classifier.training.decision import Decision, Evidence, Weights

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What out-of-fold scores give.

    Attributes
    ----------
    predictions : Predictions
        Each fold calibrated and cut by the others.
    figures : Figures
        How good the tags are.
    learned : list of int
        The indices of the issues that have labels enough.
    not_learned : dict of str to str
        The slugs of the others, and why.
    context : tuple of float
        What title, paragraph before and paragraph after count for.
    decision : Decision
        Calibration and thresholds, fitted on all folds.
    pipeline : Pipeline or None
        Fitted on all paragraphs and not calibrated, where it was asked for.
    """

    predictions: Predictions
    figures: Figures
    learned: list[int]
    not_learned: dict[str, str]
    context: Weights
    decision: Decision
    pipeline: Pipeline | None


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
    predictions : Predictions
        What was said of each paragraph out-of-fold.
    figures : Figures
        How good that is.
    not_learned : dict of str to str
        The issues left out, and why.
    """

    linear: LinearModel
    pipeline: Pipeline
    predictions: Predictions
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
    ) -> version.Version:
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
            "context": dict(zip(PARTS, linear.context.tolist(), strict=True)),
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
            version.PIPELINE: pickled.getvalue(),
            version.WEIGHTS: arrays.write_arrays(
                {
                    "hashes": linear.hashes,
                    "idf": linear.idf,
                    "is_fragment": linear.is_fragment,
                    "weights": linear.weights,
                    "scales": linear.scales,
                    "intercepts": linear.intercepts,
                    "context": linear.context,
                }
            ),
            version.VOCABULARY: arrays.pack_lines(self._vocabulary),
            version.PREDICTIONS: version.pack_predictions(self.predictions),
            version.EVALUATION: (json.dumps(evaluation, indent=1) + "\n").encode(),
            "codebook.toml": self._data.codebook.source,
            "card.md": write_card(self.figures, manifest, self._data.codebook).encode(),
        }
        versions = ModelStore(Path(models))
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
    from classifier.training.pipeline import (  # noqa: PLC0415 - imports scikit-learn
        calibrate,
        to_linear_model,
    )

    measured = measure_out_of_fold(data, settings, progress, final=True)
    pipeline = measured.pipeline
    decision = measured.decision
    calibration = decision.calibration
    calibrate(pipeline, calibration.slopes, calibration.intercepts)
    linear, vocabulary = to_linear_model(
        pipeline, data.codebook.slugs, measured.learned, decision.thresholds.tolist()
    )
    return TrainedModel(
        linear,
        pipeline,
        measured.predictions,
        measured.figures,
        measured.not_learned,
        vocabulary,
        data,
        settings,
    )


def measure_out_of_fold(
    data: TrainingData,
    settings: TrainingSettings,
    progress: Progress | None = None,
    *,
    final: bool = False,
) -> OutOfFold:
    """Measure by models that saw neither a paragraph nor its article.

    The calibration and the thresholds applied to a fold are fitted on the scores of the
    other folds, so that a fold takes no part in choosing what it is measured by. With
    `final` the pipeline is fitted on everything as well, beside the folds.

    Raises
    ------
    TrainingError
        If no issue has labels enough, or one stands in too few articles to be spread.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with sklearn

    from classifier.training.context import (  # noqa: PLC0415
        NO_CONTEXT,
        choose_context,
    )
    from classifier.training.decision import Evidence, fit_decision  # noqa: PLC0415
    from classifier.training.pipeline import count_ngrams, fit_folds  # noqa: PLC0415
    from classifier.training.prior import codebook_texts  # noqa: PLC0415

    learned, not_learned = find_learnable(data, settings)
    truth = data.labelled[:, learned]
    folds = _deal_folds(data, learned, settings)
    n_folds = int(folds.max()) + 1
    report = progress or _say_nothing
    prior, prior_labelled = codebook_texts(data.codebook, learned)
    passages = data.passages.extended(prior)
    inputs = (
        passages,
        np.concatenate([truth, prior_labelled]),
        np.concatenate([folds, np.full(len(prior), -1)]),
        settings,
    )
    n_probes = n_folds if settings.context is None else 0
    n_steps = 1 + n_probes + n_folds + final
    report("counting words", 0, n_steps)
    counts = count_ngrams(passages.texts)

    def gather(parts: Iterator[NDArray[np.float64]], what: str, done: int) -> Evidence:
        """Take the out-of-fold evidence of the labelled paragraphs out of the fits."""
        evidence = Evidence.empty(data.passages, len(learned))
        for fold in range(n_folds):
            report(what, done + fold, n_steps)
            evidence.fill(data.passages, folds == fold, next(parts))
        return evidence

    with threadpool_limits(1):
        articles = np.array(data.articles)
        context = settings.context
        if context is None:
            # N-grams alone do to weigh the context, in a fraction of the time.
            probe = fit_folds({"ngrams": counts["ngrams"]}, *inputs, NO_CONTEXT)
            evidence = gather(probe, "weighing the context", 1)
            context = choose_context(evidence, truth, articles, seed=settings.seed)
        fitted = fit_folds(counts, *inputs, context, final=final)
        evidence = gather(fitted, "measuring out-of-fold", 1 + n_probes)
        pipeline = None
        if final:
            report("fitting on all paragraphs", n_steps - 1, n_steps)
            pipeline = next(fitted)

        own, own_tags = _tag_out_of_fold(
            evidence, truth, folds, context, data.codebook.beta
        )
        everything = np.ones(len(truth), dtype=bool)
        decision = fit_decision(
            evidence, truth, context, everything, data.codebook.beta
        )
    probabilities = np.full(data.labelled.shape, np.nan)
    probabilities[:, learned] = own
    tagged = np.zeros(data.labelled.shape, dtype=bool)
    tagged[:, learned] = own_tags
    predictions = Predictions(
        data.codebook.slugs,
        data.articles,
        data.numbers,
        data.labelled,
        tagged,
        probabilities,
        data.paragraph_digests,
    )
    report("done", n_steps, n_steps)
    return OutOfFold(
        predictions,
        measure(predictions),
        learned,
        not_learned,
        context,
        decision,
        pipeline,
    )


def _deal_folds(
    data: TrainingData, learned: list[int], settings: TrainingSettings
) -> NDArray[np.intp]:
    """Deal the articles into folds, each of which every issue can do without."""
    from classifier.training.folds import (  # noqa: PLC0415
        assign_folds,
        group_near_copies,
    )

    truth = data.labelled[:, learned]
    groups = group_near_copies(data.passages.paragraph_texts, data.articles)
    n_folds = min(settings.n_folds, settings.min_articles, len(set(groups)))
    folds = assign_folds(truth, groups, n_folds, seed=settings.seed)
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
    return folds


def _tag_out_of_fold(
    evidence: Evidence,
    truth: NDArray[np.bool_],
    folds: NDArray[np.intp],
    context: Weights,
    beta: float,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return probabilities and tags of each fold by what the others decide."""
    from classifier.training.decision import fit_decision  # noqa: PLC0415

    probabilities = np.empty(truth.shape)
    tagged = np.empty(truth.shape, dtype=bool)
    scores = evidence.scores(context)
    for fold in range(int(folds.max()) + 1):
        inside = folds == fold
        others = fit_decision(evidence, truth, context, ~inside, beta)
        probabilities[inside] = others.calibration.probabilities(
            scores[inside], evidence.present[inside]
        )
        tagged[inside] = probabilities[inside] >= others.thresholds
    return probabilities, tagged


def _say_nothing(what: str, done: int, total: int) -> None:
    """Report to nobody."""
