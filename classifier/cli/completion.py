"""``classifier completion``, and what words a shell may offer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from classifier.errors import ClassifierError

if TYPE_CHECKING:
    from classifier.model.store import ModelStore

_SHELLS = ("bash", "zsh", "fish")


@click.command
@click.argument("shell", type=click.Choice(_SHELLS), metavar="bash|zsh|fish")
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options, issues and versions.

    Put its output where the shell reads it: eval "$(classifier completion bash)" in
    ~/.bashrc, the same with zsh in ~/.zshrc, and for fish a file in
    ~/.config/fish/completions.

    \b
    Example: classifier completion bash
    """  # noqa: D301 - click's mark for lines to keep
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    found = get_completion_class(shell)
    if found is None:  # a shell of the list above
        raise AssertionError
    script = found(ctx.find_root().command, {}, "classifier", "_CLASSIFIER_COMPLETE")
    click.echo(script.source())


def complete_issues(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[str]:
    """Return the issues of the version in use that begin like this."""
    store = _find_store(ctx)
    if store is None:
        return []
    named = ctx.params.get("model")
    try:
        name = named or store.current()
        manifest = json.loads((store.root / str(name) / "manifest.json").read_bytes())
        slugs = [str(slug) for slug in manifest["issues"]]
    except (ClassifierError, OSError, ValueError, KeyError, TypeError):
        return []
    return [slug for slug in slugs if slug.startswith(incomplete)]


def complete_thresholds(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the issues that begin like this, each to be followed by a probability."""
    return [f"{slug}=" for slug in complete_issues(ctx, parameter, incomplete)]


def complete_versions(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[str]:
    """Return the versions that begin like this."""
    store = _find_store(ctx)
    names = store.versions() if store else []
    return [name for name in names if name.startswith(incomplete)]


def _find_store(ctx: click.Context) -> ModelStore | None:
    """Return the versions of the workspace, or None where it cannot be had."""
    from classifier.model.store import find_store  # noqa: PLC0415 - when asked

    given = ctx.params.get("workspace") or ctx.find_root().params.get("workspace")
    try:
        return find_store(given)
    except (ClassifierError, OSError):
        return None
