"""``classifier train``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from classifier.cli import report_warning
from classifier.cli.options import seed_option, workspace_option

if TYPE_CHECKING:
    from classifier.training.train import TrainedModel


@click.command
@click.option(
    "--promote", is_flag=True, help="Put the new version in use, whatever its figures."
)
@click.option(
    "--dry-run", is_flag=True, help="Train and print the figures, but save nothing."
)
@seed_option
@workspace_option
def command(workspace: str | None, seed: int, *, promote: bool, dry_run: bool) -> None:
    """Train a new version on labels.csv and corpus/.

    The first version of a workspace is put in use; a later one is saved beside it until
    it is promoted.

    \b
    Example: classifier train
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.workspace import require_workspace  # noqa: PLC0415

    found = require_workspace(workspace)

    from classifier.cli.progress import TrainingProgress  # noqa: PLC0415
    from classifier.model.store import ModelStore  # noqa: PLC0415
    from classifier.training.settings import TrainingSettings  # noqa: PLC0415
    from classifier.training.train import train  # noqa: PLC0415

    store = ModelStore(found.models)
    if not dry_run:
        store.check_writable()
    model = train(
        found.labels,
        found.corpus,
        found.codebook,
        settings=TrainingSettings(seed=seed),
        progress=TrainingProgress(),
    )
    measured = describe(model)
    if dry_run:
        click.echo(f"not saved: {measured}")
        return
    saved = model.save(found.models)
    if promote:
        store.promote(saved.name)
    is_current = store.current() == saved.name
    click.echo(f"{saved.name}: {measured}{', now in use' if is_current else ''}")
    if not is_current:
        click.echo(
            f"put it in use with 'classifier models promote {saved.name}'", err=True
        )


def describe(model: TrainedModel) -> str:
    """Return a trained model's headline, and warn of what it has not learned."""
    for slug, reason in model.not_learned.items():
        report_warning(f"issue '{slug}' is not learned: {reason}")
    figures = model.figures
    return (
        f"micro F1 {figures.micro.f1:.3f}, macro F1 {figures.macro.f1:.3f} "
        f"out-of-fold on {figures.n_paragraphs} paragraphs of "
        f"{figures.n_articles} articles"
    )
