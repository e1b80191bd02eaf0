"""``classifier retrain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from classifier.cli import report_warning
from classifier.cli.options import seed_option, workspace_option

if TYPE_CHECKING:
    from classifier.evaluation.comparison import Comparison, Difference
    from classifier.evaluation.predictions import Predictions
    from classifier.model.version import Version


@click.command
@click.option(
    "--force",
    is_flag=True,
    help="Train even if nothing changed, and put the version in use even if it is "
    "worse.",
)
@seed_option
@workspace_option
@click.pass_context
def command(
    ctx: click.Context, workspace: str | None, seed: int, *, force: bool
) -> None:
    """Train on the labels as they are now and put the result in use if it is as good.

    The new version and the one in use are compared out-of-fold on the paragraphs that
    both were trained on, by the labels as they are now. It is put in use unless it is
    worse beyond noise; 'classifier models rollback' takes it back.

    \b
    Example: classifier retrain
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.progress import TrainingProgress  # noqa: PLC0415
    from classifier.cli.train import describe  # noqa: PLC0415
    from classifier.model.store import ModelStore  # noqa: PLC0415
    from classifier.training.data import read_training_data  # noqa: PLC0415
    from classifier.workspace import require_workspace  # noqa: PLC0415

    found = require_workspace(workspace)
    store = ModelStore(found.models)
    data = read_training_data(found.labels, found.corpus, found.codebook)
    before = store.read() if store.current() else None
    if before and before.manifest["inputs"] == data.digests and not force:
        click.echo(
            f"{before.name} was trained on these labels, corpus and codebook: nothing "
            "to do; train all the same with --force"
        )
        return

    from classifier.training.settings import TrainingSettings  # noqa: PLC0415
    from classifier.training.train import train_on  # noqa: PLC0415

    store.check_writable()
    model = train_on(data, TrainingSettings(seed=seed), TrainingProgress())
    measured = describe(model)
    comparison = _compare(before, model.predictions)
    saved = model.save(found.models)
    is_taken = force or comparison is None or not comparison.is_worse
    if is_taken:
        store.promote(saved.name)
    click.echo(f"{saved.name}: {measured}")
    if before and comparison:
        click.echo(_describe_change(before.name, comparison))
    if is_taken:
        back = "take it back with 'classifier models rollback'"
        click.echo(f"now in use{f'; {back}' if before else ''}")
        return
    click.echo(
        "not put in use, as it is worse beyond noise; put it in use all the same with "
        f"'classifier models promote {saved.name}'"
    )
    ctx.exit(1)


def _describe_change(before: str, comparison: Comparison) -> str:
    """Return a comparison in a few lines: both figures, and what changed for sure."""
    first, second = comparison.first, comparison.second
    headline = (
        f"against {before}, on the {first.n_paragraphs} paragraphs that both know: "
        f"micro F1 {first.micro.f1:.3f} -> {second.micro.f1:.3f} "
        f"({_signed(comparison.micro)}), macro F1 {first.macro.f1:.3f} -> "
        f"{second.macro.f1:.3f} ({_signed(comparison.macro)})"
    )
    if comparison.n_relabelled:
        headline += (
            f"\n  {comparison.n_relabelled} of them have other labels now; each by its "
            f"own: micro F1 {_signed(comparison.own)}"
        )
    found = comparison.issues.items()
    changes = {
        "better beyond noise": [slug for slug, d in found if d.is_better],
        "worse beyond noise": [slug for slug, d in found if d.is_worse],
        "new": comparison.only_second,
        "no longer learned": comparison.only_first,
    }
    named = (
        f"  {what}: {', '.join(slugs)}" for what, slugs in changes.items() if slugs
    )
    return "\n".join([headline, *named])


def _signed(difference: Difference) -> str:
    """Return a difference with its sign and its interval."""
    if difference.interval is None:
        return f"{difference.value:+.3f}"
    low, high = difference.interval
    return f"{difference.value:+.3f}, 95 % {low:+.3f} to {high:+.3f}"


def _compare(before: Version | None, predictions: Predictions) -> Comparison | None:
    """Compare with the version in use, where there is one and it can be compared."""
    from classifier.errors import EvaluationError  # noqa: PLC0415
    from classifier.evaluation.comparison import compare  # noqa: PLC0415

    if before is None:
        return None
    recorded = before.predictions()
    if recorded is None:
        report_warning(
            f"{before.name} goes without its out-of-fold predictions: there is nothing "
            "to compare by"
        )
        return None
    try:
        return compare(recorded, predictions)
    except EvaluationError as error:
        report_warning(str(error))
        return None
