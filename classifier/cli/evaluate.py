"""``classifier evaluate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from classifier.cli import report_warning
from classifier.cli.options import (
    model_option,
    output_options,
    predict_file,
    read_model,
    workspace_option,
)

if TYPE_CHECKING:
    from classifier.evaluation.metrics import Figures
    from classifier.evaluation.predictions import Predictions
    from classifier.evaluation.report import CurvePoint
    from classifier.model.version import Version
    from classifier.training.data import TrainingData


@click.command
@click.option(
    "--on",
    "path",
    metavar="FILE.jsonl",
    help="Measure on these labelled paragraphs: a JSON object with text and issues "
    "a line; title, previous, following and article where known.",
)
@click.option(
    "--report",
    "page",
    metavar="FILE.html",
    help="Write all figures, curves and the worst errors as a page as well.",
)
@model_option
@output_options("table", "json", "csv")
@workspace_option
def command(
    path: str | None,
    page: str | None,
    model: str | None,
    format_: str,
    output: str | None,
    workspace: str | None,
) -> None:
    """Measure how good the tags are.

    Out-of-fold: every labelled paragraph is tagged by a model that saw nothing of its
    article. The figures come from the version's record where labels, corpus and
    codebook are those that it was trained on, and are measured anew otherwise.

    \b
    Example: classifier evaluate --on labelled.jsonl
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output  # noqa: PLC0415
    from classifier.serialisation import to_csv, to_json  # noqa: PLC0415

    page_out = Output(page, [path] if path else [], option="--report")
    if path is not None:
        found = _measure_file(path, model, workspace)
    elif model is not None:
        found = _recorded(read_model(model, workspace))
    else:
        found = _out_of_fold(workspace)
    figures = found.figures
    about = {
        "model": found.version.name if found.version else None,
        "measured": found.measured,
    }
    if page:
        with page_out:
            page_out.write(_render_page(found, workspace))
        click.echo(f"report: {page}", err=True)
    with Output(output, [path] if path else []) as out:
        if format_ == "json":
            out.write(to_json({**about, **figures.to_dict()}, indent=1) + "\n")
        elif format_ == "csv":
            rows = figures.to_dict()["issues"]
            # Each interval becomes two columns.
            flat = {
                slug: {
                    **{k: v for k, v in row.items() if k != "intervals"},
                    **{
                        f"{name}_{end}": pair and pair[i]
                        for name, pair in row["intervals"].items()
                        for i, end in enumerate(("low", "high"))
                    },
                }
                for slug, row in rows.items()
            }
            columns = list(next(iter(flat.values())))
            body = [[slug, *row.values()] for slug, row in flat.items()]
            out.write(to_csv([["issue", *columns], *body]))
        else:
            out.write(_render(figures, about))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What was measured: figures, and for a page what they are made of."""

    figures: Figures
    version: Version | None
    measured: str
    # Of a file; what was said out-of-fold stands with the version.
    predictions: Predictions | None = None
    texts: tuple[str, ...] | None = None
    # The workspace's own, where it was read on the way.
    data: TrainingData | None = None


def _measure_file(path: str, model: str | None, workspace: str | None) -> _Measured:
    """Measure a model on labelled paragraphs from elsewhere."""
    from classifier.evaluation.metrics import measure  # noqa: PLC0415

    version = read_model(model, workspace)
    labelled, predictions = predict_file(path, version)
    texts = labelled.passages.paragraph_texts
    return _Measured(measure(predictions), version, path, predictions, texts)


def _recorded(version: Version, data: TrainingData | None = None) -> _Measured:
    """Return the out-of-fold figures that a version was saved with."""
    from classifier.evaluation.metrics import Figures  # noqa: PLC0415

    figures = Figures.from_dict(version.evaluation()["out_of_fold"])
    return _Measured(figures, version, "out-of-fold", data=data)


def _out_of_fold(workspace: str | None) -> _Measured:
    """Return the out-of-fold figures of the labels as they are now."""
    from classifier.errors import ModelNotFoundError  # noqa: PLC0415
    from classifier.training.data import read_training_data  # noqa: PLC0415
    from classifier.workspace import find_workspace  # noqa: PLC0415

    found = find_workspace(workspace)
    if found is None:
        return _recorded(read_model(None, None))
    data = read_training_data(found.labels, found.corpus, found.codebook)
    try:
        version = read_model(None, workspace)
    except ModelNotFoundError:
        pass
    else:
        if version.manifest["inputs"] == data.digests:
            return _recorded(version, data)
        report_warning(
            f"labels, corpus or codebook changed since {version.name} was trained; "
            f"measuring them anew, its own figures: --model {version.name}"
        )

    from classifier.cli.progress import TrainingProgress  # noqa: PLC0415
    from classifier.training.settings import TrainingSettings  # noqa: PLC0415
    from classifier.training.train import measure_out_of_fold  # noqa: PLC0415

    measured = measure_out_of_fold(data, TrainingSettings(), TrainingProgress())
    return _Measured(measured.figures, None, "out-of-fold")


def _render_page(found: _Measured, workspace: str | None) -> str:
    """Render the page, where there is a version whose weights can mark words."""
    from classifier.cli.report import learning_curve, render_page  # noqa: PLC0415
    from classifier.errors import EvaluationError  # noqa: PLC0415
    from classifier.training.data import read_training_data  # noqa: PLC0415
    from classifier.workspace import find_workspace  # noqa: PLC0415

    if found.version is None:
        message = (
            "a report is about a version: train one on the labels as they are with "
            "'classifier retrain', or name one with --model"
        )
        raise EvaluationError(message)
    predictions = found.predictions
    if predictions is None:
        predictions = found.version.predictions()
    if predictions is None:
        message = (
            f"{found.version.name} goes without its out-of-fold predictions: report on "
            "labelled paragraphs with --on FILE.jsonl"
        )
        raise EvaluationError(message)
    texts: dict[tuple[str, str], str] = {}
    curve: tuple[CurvePoint, ...] = ()
    place = find_workspace(workspace)
    if found.texts is not None:
        keys = zip(predictions.articles, predictions.digests, strict=True)
        texts = dict(zip(keys, found.texts, strict=True))
    elif place:
        data = found.data or read_training_data(
            place.labels, place.corpus, place.codebook
        )
        keys = zip(data.articles, data.paragraph_digests, strict=True)
        texts = dict(zip(keys, data.passages.paragraph_texts, strict=True))
        if found.version.manifest["inputs"] == data.digests:
            from classifier.cli.progress import TrainingProgress  # noqa: PLC0415

            curve = learning_curve(data, found.figures, TrainingProgress())
    return render_page(
        predictions,
        found.figures,
        found.version,
        measured=found.measured,
        text_of=lambda row: texts.get(
            (predictions.articles[row], predictions.digests[row])
        ),
        curve=curve,
    )


def _render(figures: Figures, about: dict[str, str | None]) -> str:
    """Return the figures as a headline and a table."""
    from classifier.cli.output import to_table  # noqa: PLC0415

    rows: list[tuple[str, ...]] = [
        (
            slug if row.is_measurable or not row.support else f"{slug} *",
            str(row.support),
            str(row.n_articles),
            *map(_short, (row.precision, row.recall, row.f1)),
            _short_interval(row.intervals.get("f1")),
            _short(row.average_precision),
            _short(row.brier, 3),
            _short(row.calibration_error, 3),
        )
        for slug, row in figures.issues.items()
    ]
    micro, macro = figures.micro, figures.macro
    for name, scores, others in (
        ("micro", micro, (None, figures.brier, figures.calibration_error)),
        ("macro", macro, (figures.average_precision, None, None)),
    ):
        average, brier, error = others
        rows.append(
            (
                name,
                "",
                "",
                *map(_short, (scores.precision, scores.recall, scores.f1)),
                _short_interval(scores.intervals.get("f1")),
                "" if average is None else _short(average),
                "" if brier is None else _short(brier, 3),
                "" if error is None else _short(error, 3),
            )
        )
    left_alone = figures.intervals.get("none_tagged")
    text = (
        f"{about['measured']}, model {about['model'] or 'of the labels as they are'}: "
        f"micro F1 {micro.f1:.3f}, macro F1 {macro.f1:.3f}\n"
        f"{figures.n_paragraphs} paragraphs of {figures.n_articles} articles, "
        f"{figures.n_measured} issues; of {figures.n_none} paragraphs with no issue "
        f"{figures.none_tagged:.0%} got a tag"
    )
    if left_alone:
        text += f" (95 % {left_alone[0]:.0%} to {left_alone[1]:.0%})"
    header = ("issue", "n", "articles", "P", "R", "F1", "95 %", "AP", "Brier", "ECE")
    text += "\n\n" + to_table(header, rows)
    if any(r.n_articles > 0 and not r.is_measurable for r in figures.issues.values()):
        text += "* in too few articles to be measured\n"
    return text


def _short(value: float | None, decimals: int = 2) -> str:
    """Return a figure in [0, 1] without the 0 before its point."""
    if value is None:
        return "-"
    return f"{value:.{decimals}f}".removeprefix("0")


def _short_interval(interval: tuple[float, float] | None) -> str:
    """Return an interval, a dash where there is none."""
    return "-" if interval is None else "-".join(map(_short, interval))
