"""The page that ``classifier evaluate --report`` writes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from classifier.codebook import Codebook
from classifier.evaluation.report import CurvePoint, ErrorCase, Report, render_report
from classifier.tagging.explain import mark_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from classifier.evaluation.metrics import Figures
    from classifier.evaluation.predictions import Predictions
    from classifier.model.version import Version
    from classifier.training.data import TrainingData
    from classifier.training.train import Progress

# Errors shown: the farthest from their thresholds, not many of one issue.
_N_ERRORS, _N_PER_ISSUE = 40, 4
_SHARES = (0.25, 0.5, 0.75)


def render_page(
    predictions: Predictions,
    figures: Figures,
    version: Version,
    *,
    measured: str,
    text_of: Callable[[int], str | None],
    curve: tuple[CurvePoint, ...] = (),
) -> str:
    """Render an evaluation as a page.

    Parameters
    ----------
    predictions, figures : Predictions, Figures
        What was measured, and what came out.
    version : Version
        The version that was measured; its weights mark the words of errors.
    measured : str
        ``out-of-fold`` or the name of a file.
    text_of : callable
        The text of a paragraph of `predictions` by its index; None where it is gone.
    curve : tuple of CurvePoint
        The learning curve, where there is one.
    """
    thresholds: Mapping[str, float] = version.manifest["thresholds"]
    codebook = Codebook.parse(version.files["codebook.toml"])
    names = {issue.slug: issue.name for issue in codebook.issues}
    model = version.model()
    errors = []
    for row, column in _worst(predictions, thresholds):
        text = text_of(row)
        if text is None:
            continue
        slug = predictions.issues[column]
        errors.append(
            ErrorCase(
                predictions.articles[row],
                int(predictions.numbers[row]),
                slug,
                float(predictions.probabilities[row, column]),
                thresholds[slug],
                bool(predictions.tagged[row, column]),
                tuple(mark_words(model, text, slug)),
            )
        )
    report = Report(
        version.name,
        measured,
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        predictions,
        figures,
        {slug: names.get(slug, slug) for slug in predictions.issues},
        dict(thresholds),
        tuple(errors[:_N_ERRORS]),
        curve,
    )
    return render_report(report)


def learning_curve(
    data: TrainingData, whole: Figures, progress: Progress
) -> tuple[CurvePoint, ...]:
    """Measure out-of-fold on growing parts of the articles; the whole is known."""
    from classifier.errors import TrainingError  # noqa: PLC0415
    from classifier.training.settings import TrainingSettings  # noqa: PLC0415
    from classifier.training.train import measure_out_of_fold  # noqa: PLC0415

    articles = np.array(data.articles)
    shuffled = np.random.default_rng(0).permutation(np.unique(articles))
    points = []
    for share in _SHARES:
        rows = np.isin(articles, shuffled[: round(share * len(shuffled))])
        try:
            part = measure_out_of_fold(data.take(rows), TrainingSettings(), progress)
        except TrainingError:  # too few labels in so small a part
            continue
        points.append(_point(part.figures))
    return (*points, _point(whole))


def _point(figures: Figures) -> CurvePoint:
    """Return figures as a point of the curve."""
    return CurvePoint(
        figures.n_articles,
        figures.n_paragraphs,
        figures.micro.f1,
        figures.macro.f1,
    )


def _worst(
    predictions: Predictions, thresholds: Mapping[str, float]
) -> list[tuple[int, int]]:
    """Return rows and columns of the errors farthest from their thresholds."""
    found = []
    for column, slug in enumerate(predictions.issues):
        if slug not in thresholds:
            continue
        wrong = predictions.tagged[:, column] != predictions.labelled[:, column]
        distance = np.abs(predictions.probabilities[:, column] - thresholds[slug])
        rows = np.flatnonzero(wrong)
        rows = rows[np.argsort(-distance[rows], kind="stable")][:_N_PER_ISSUE]
        found += [(float(distance[row]), int(row), column) for row in rows]
    found.sort(key=lambda error: (-error[0], *error[1:]))
    return [(row, column) for _, row, column in found]
