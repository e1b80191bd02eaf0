"""``classifier evaluate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from classifier.cli import report_warning
from classifier.cli.options import (
    load_tagger,
    model_option,
    output_options,
    read_model,
    workspace_option,
)

if TYPE_CHECKING:
    from classifier.evaluation.metrics import Figures
    from classifier.model.store import Version


@click.command
@click.option(
    "--on",
    "path",
    metavar="FILE.jsonl",
    help="Measure on these labelled paragraphs: a JSON object with text and issues "
    "a line; title, previous, following and article where known.",
)
@model_option
@output_options("table", "json", "csv")
@workspace_option
def command(
    path: str | None,
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
    from classifier.cli.output import Output, to_csv, to_json  # noqa: PLC0415

    if path is not None:
        figures, about = _measure_file(path, model, workspace)
    elif model is not None:
        figures, about = _recorded(read_model(model, workspace))
    else:
        figures, about = _out_of_fold(workspace)
    with Output(output, [path] if path else []) as out:
        if format_ == "json":
            out.write(to_json({**about, **figures.to_dict()}, indent=1) + "\n")
        elif format_ == "csv":
            rows = figures.to_dict()["issues"]
            columns = list(next(iter(rows.values())))
            body = [[slug, *row.values()] for slug, row in rows.items()]
            out.write(to_csv([["issue", *columns], *body]))
        else:
            out.write(_render(figures, about))


def _measure_file(
    path: str, model: str | None, workspace: str | None
) -> tuple[Figures, dict[str, str | None]]:
    """Measure a model on labelled paragraphs from elsewhere."""
    from classifier.evaluation.labelled import read_labelled  # noqa: PLC0415
    from classifier.evaluation.metrics import measure  # noqa: PLC0415

    tagger = load_tagger(model, workspace)
    labelled = read_labelled(path, tagger.issues)
    probabilities = tagger.model.predict_proba(labelled.passages)
    figures = measure(labelled.predicted(probabilities, tagger.model.thresholds))
    return figures, {"model": tagger.version, "measured": path}


def _recorded(version: Version) -> tuple[Figures, dict[str, str | None]]:
    """Return the out-of-fold figures that a version was saved with."""
    from classifier.evaluation.metrics import Figures  # noqa: PLC0415

    figures = Figures.from_dict(version.evaluation()["out_of_fold"])
    return figures, {"model": version.name, "measured": "out-of-fold"}


def _out_of_fold(workspace: str | None) -> tuple[Figures, dict[str, str | None]]:
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
            return _recorded(version)
        report_warning(
            f"labels, corpus or codebook changed since {version.name} was trained; "
            f"measuring them anew, its own figures: --model {version.name}"
        )

    from classifier.cli.progress import TrainingProgress  # noqa: PLC0415
    from classifier.training.settings import TrainingSettings  # noqa: PLC0415
    from classifier.training.train import measure_out_of_fold  # noqa: PLC0415

    measured = measure_out_of_fold(data, TrainingSettings(), TrainingProgress())
    return measured.figures, {"model": None, "measured": "out-of-fold"}


def _render(figures: Figures, about: dict[str, str | None]) -> str:
    """Return the figures as a headline and a table."""
    from classifier.cli.output import to_table  # noqa: PLC0415

    def two(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f}"

    rows: list[tuple[str, ...]] = [
        (
            slug,
            str(row.support),
            str(row.n_articles),
            str(row.n_tagged),
            two(row.precision),
            two(row.recall),
            two(row.f1),
            two(row.average_precision),
            two(row.brier),
        )
        for slug, row in figures.issues.items()
    ]
    header = ("issue", "labelled", "articles", "tagged", "precision", "recall", "F1")
    micro, macro = figures.micro, figures.macro
    for name, scores in (("micro", micro), ("macro", macro)):
        values = [f"{v:.2f}" for v in (scores.precision, scores.recall, scores.f1)]
        rows.append((name, "", "", "", *values, "", ""))
    headline = (
        f"{about['measured']}, model {about['model'] or 'of the labels as they are'}: "
        f"micro F1 {micro.f1:.3f}, macro F1 {macro.f1:.3f}\n"
        f"{figures.n_paragraphs} paragraphs of {figures.n_articles} articles, "
        f"{figures.n_measured} issues; of {figures.n_none} paragraphs with no issue "
        f"{figures.none_tagged:.0%} got a tag\n\n"
    )
    return headline + to_table((*header, "AP", "Brier"), rows)
