"""Options that mean the same in every command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from classifier.cli.completion import complete_issues, complete_versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from classifier.codebook import Codebook
    from classifier.evaluation.labelled import LabelledParagraphs
    from classifier.evaluation.predictions import Predictions
    from classifier.model.version import Version
    from classifier.tagging.tagger import Tagger

FORMATS = ("table", "json", "jsonl", "csv")
# Suffixes that promise a format, which a command may not have.
_SUFFIXES = {*FORMATS[1:], "parquet", "tsv", "xlsx", "html", "md", "pdf", "docx"}
_COMPRESSED = {"gz", "zst"}


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--workspace``, which may stand before the command's name as well."""
    return click.option(
        "--workspace",
        metavar="DIR",
        callback=lambda ctx, _, value: value or ctx.find_root().params.get("workspace"),
        help="Work in this workspace, not in the one that encloses the current folder.",
    )(command)


def model_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--model``."""
    return click.option(
        "--model",
        metavar="VERSION",
        shell_complete=complete_versions,
        help="Use this version, by its name or its folder, not the one in use.",
    )(command)


def seed_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--seed`` of a training."""
    return click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Decide otherwise between folds that are as good as each other.",
    )(command)


def issue_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--issue``, with what it does here."""
    return click.option(
        "--issue",
        "issues",
        metavar="SLUG",
        multiple=True,
        shell_complete=complete_issues,
        help=text,
    )


def output_options(
    *formats: str,
    help_text: str = "Write to this file, whole or not at all, not to standard output.",
    metavar: str = "FILE",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--format``, of the given ones, and ``-o``, whose suffix tells it too."""

    def find_format(ctx: click.Context, _: click.Parameter, given: str | None) -> str:
        """Return the format: the one given, the file's by its name, or the first."""
        output: str | None = ctx.params.get("output")
        if not output or is_folder(output):
            return given or formats[0]
        suffix = promised_suffix(output)
        if suffix in _COMPRESSED:
            message = f"'{output}': not compressed here: name it without .{suffix}"
            raise click.BadParameter(message, param_hint="'-o'")
        if given or (suffix == "tsv" and ctx.params.get("keep_rows")):
            return given or formats[0]
        if suffix in formats:
            return suffix
        if suffix:
            message = (
                f"'{output}': not written as {suffix.upper()} here: give --format "
                f"{'|'.join(formats)}, or another name"
            )
            raise click.BadParameter(message, param_hint="'-o'")
        return formats[0]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option(
            "-o",
            "--output",
            metavar=metavar,
            help=help_text,
            is_eager=True,  # known before the format is
        )(command)
        return click.option(
            "--format",
            "format_",
            type=click.Choice(formats),
            callback=find_format,
            help=f"How to write it; else as FILE's suffix says, or {formats[0]}.",
        )(command)

    return decorate


def is_folder(output: str) -> bool:
    """Tell whether ``-o`` names a folder, which need not be there yet."""
    return output.endswith(("/", os.sep)) or "://" in output or os.path.isdir(output)


def promised_suffix(output: str) -> str:
    """Return the suffix by which ``-o`` names a format or a compression, if any."""
    suffix = os.path.splitext(output)[1][1:].lower()
    return suffix if suffix in _SUFFIXES | _COMPRESSED else ""


def read_model(model: str | None, workspace: str | None) -> Version:
    """Read the version that ``--model`` and ``--workspace`` stand for."""
    from pathlib import Path  # noqa: PLC0415 - commands start fast

    from classifier.tagging.tagger import find_version  # noqa: PLC0415

    if model is not None and Path(model).is_dir():
        return find_version(model)
    return find_version(version=model, workspace=workspace)


def load_tagger(model: str | None, workspace: str | None) -> Tagger:
    """Load the tagger that ``--model`` and ``--workspace`` stand for."""
    from classifier.tagging.tagger import Tagger  # noqa: PLC0415

    version = read_model(model, workspace)
    return Tagger(version.model(), version=version.name)


def predict_file(path: str, version: Version) -> tuple[LabelledParagraphs, Predictions]:
    """Read the paragraphs that ``--on`` names, with what a version says of them."""
    from classifier.evaluation.labelled import read_labelled  # noqa: PLC0415

    model = version.model()
    labelled = read_labelled(path, model.issues)
    probabilities = model.predict_proba(labelled.passages)
    return labelled, labelled.predicted(probabilities, model.thresholds)


def read_codebook(workspace: str | None) -> tuple[Codebook, Path]:
    """Read the workspace's codebook or, outside any, that of the carried model."""
    from classifier.codebook import Codebook  # noqa: PLC0415
    from classifier.workspace import find_workspace  # noqa: PLC0415

    found = find_workspace(workspace)
    path = found.codebook if found else read_model(None, None).folder / "codebook.toml"
    return Codebook.read(path), path
