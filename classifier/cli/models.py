"""``classifier models``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from classifier.cli import report_error
from classifier.cli.completion import complete_versions
from classifier.cli.options import (
    output_options,
    predict_file,
    read_model,
    workspace_option,
)

if TYPE_CHECKING:
    from classifier.evaluation.comparison import Difference
    from classifier.evaluation.predictions import Predictions
    from classifier.model.version import Version


@click.group
def command() -> None:
    """List, check and change the trained versions."""


@command.command(name="list")
@output_options("table", "json")
@workspace_option
@click.pass_context
def list_(
    ctx: click.Context, workspace: str | None, format_: str, output: str | None
) -> None:
    """List the versions, oldest first, the one in use marked.

    \b
    Example: classifier models list
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output, to_table  # noqa: PLC0415
    from classifier.errors import ManifestError  # noqa: PLC0415
    from classifier.model.store import find_store  # noqa: PLC0415
    from classifier.serialisation import to_json  # noqa: PLC0415

    store = find_store(workspace)
    current = store.current()
    records: list[dict[str, Any]] = []
    damaged = False
    for name in store.versions():
        try:
            manifest = store.read(name).manifest
        except ManifestError as error:
            report_error(str(error))
            damaged = True
            continue
        keys = ("version", "created", "n_paragraphs", "n_articles", "figures")
        record = {key: manifest.get(key) for key in keys}
        records.append({**record, "is_current": name == current})
    if current and current not in store.versions():
        report_error(
            f"{store.root}: no version '{current}', which is to be in use: name one "
            "with 'classifier models promote VERSION'"
        )
        damaged = True
    with Output(output) as out:
        if format_ == "json":
            out.write(to_json(records, indent=1) + "\n")
        elif records:
            rows = [
                (
                    f"{'*' if record['is_current'] else ' '} {record['version']}",
                    record["created"][:16].replace("T", " "),
                    str(record["n_paragraphs"]),
                    str(record["n_articles"]),
                    f"{record['figures']['micro_f1']:.3f}",
                    f"{record['figures']['macro_f1']:.3f}",
                )
                for record in records
            ]
            header = ("paragraphs", "articles", "micro F1", "macro F1")
            out.write(to_table(("  version", "trained (UTC)", *header), rows))
        elif not damaged:
            click.echo(f"{store.root}: no version yet", err=True)
    ctx.exit(1 if damaged else 0)


@command.command
@click.argument(
    "version", required=False, metavar="[VERSION]", shell_complete=complete_versions
)
@output_options("table", "json")
@workspace_option
def show(
    version: str | None, workspace: str | None, format_: str, output: str | None
) -> None:
    """Show a version's card, or as JSON its manifest; the one in use by default.

    \b
    Example: classifier models show
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output  # noqa: PLC0415
    from classifier.model.store import find_store  # noqa: PLC0415
    from classifier.serialisation import to_json  # noqa: PLC0415

    found = find_store(workspace).read(version)
    with Output(output) as out:
        if format_ == "json":
            out.write(to_json(found.manifest, indent=1) + "\n")
        else:
            out.write(found.files["card.md"].decode())


@command.command
@click.argument(
    "versions",
    nargs=-1,
    metavar="[VERSION...]",
    shell_complete=complete_versions,
)
@workspace_option
@click.pass_context
def verify(
    ctx: click.Context, versions: tuple[str, ...], workspace: str | None
) -> None:
    """Check every byte of versions against their manifests; of all by default.

    \b
    Example: classifier models verify
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.errors import ClassifierError  # noqa: PLC0415
    from classifier.model.store import find_store  # noqa: PLC0415

    store = find_store(workspace)
    failed = False
    for name in versions or store.versions():
        try:
            store.read(name, complete=True).model()
        except ClassifierError as error:
            report_error(str(error))
            failed = True
        else:
            click.echo(f"{name}: as it was saved")
    ctx.exit(1 if failed else 0)


@command.command
@click.argument("version", metavar="VERSION", shell_complete=complete_versions)
@workspace_option
def promote(version: str, workspace: str | None) -> None:
    """Put a version in use.

    \b
    Example: classifier models promote 2026-01-31-01
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.model.store import find_store  # noqa: PLC0415

    store = find_store(workspace)
    previous = store.current()
    store.promote(version)
    before = f" (before: {previous})" if previous and previous != version else ""
    click.echo(f"{version} is in use{before}")


@command.command(name="compare")
@click.argument("first", metavar="VERSION", shell_complete=complete_versions)
@click.argument(
    "second", required=False, metavar="[VERSION]", shell_complete=complete_versions
)
@click.option(
    "--on",
    "path",
    metavar="FILE.jsonl",
    help="Compare on these labelled paragraphs, as for evaluate --on.",
)
@output_options("table", "json")
@workspace_option
def compare_(
    first: str,
    second: str | None,
    path: str | None,
    workspace: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Compare two versions, the second by default the one in use.

    On the paragraphs that both were trained on, each tagged by a model that saw nothing
    of its article, and by the labels of the second. Intervals are of the difference, by
    resampling articles in pairs.

    \b
    Example: classifier models compare 2026-01-31-01
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output, to_table  # noqa: PLC0415
    from classifier.evaluation.comparison import compare  # noqa: PLC0415
    from classifier.serialisation import to_json  # noqa: PLC0415

    versions = [read_model(name, workspace) for name in (first, second)]
    found = compare(*(_predictions(version, path) for version in versions))
    names = [version.name for version in versions]
    with Output(output, [path] if path else []) as out:
        if format_ == "json":
            about = {"first": names[0], "second": names[1], "measured": path}
            out.write(to_json({**about, **found.to_dict()}, indent=1) + "\n")
            return
        rows = [
            (
                name,
                f"{before:.3f}",
                f"{after:.3f}",
                f"{difference.value:+.3f}",
                _interval(difference),
            )
            for name, before, after, difference in [
                *(
                    (slug, found.first.issues[slug].f1, row.f1, found.issues[slug])
                    for slug, row in found.second.issues.items()
                ),
                ("micro", found.first.micro.f1, found.second.micro.f1, found.micro),
                ("macro", found.first.macro.f1, found.second.macro.f1, found.macro),
            ]
        ]
        figures = found.first
        out.write(
            f"F1 on {figures.n_paragraphs} paragraphs of {figures.n_articles} "
            f"articles, {path or 'out-of-fold'}\n\n"
        )
        out.write(to_table(("issue", *names, "difference", "95 %"), rows))
        for name, slugs in zip(
            names, (found.only_first, found.only_second), strict=True
        ):
            if slugs:
                out.write(f"\nlearned by {name} alone: {', '.join(slugs)}\n")


def _predictions(version: Version, path: str | None) -> Predictions:
    """Return what a version said out-of-fold, or says of a file's paragraphs."""
    from classifier.errors import EvaluationError  # noqa: PLC0415

    if path is not None:
        return predict_file(path, version)[1]
    recorded = version.predictions()
    if recorded is None:
        message = (
            f"{version.name} goes without its out-of-fold predictions: compare on "
            "labelled paragraphs with --on FILE.jsonl"
        )
        raise EvaluationError(message)
    return recorded


def _interval(difference: Difference) -> str:
    """Return the interval of a difference; a star where it is beyond noise."""
    if difference.interval is None:
        return "-"
    low, high = difference.interval
    star = " *" if difference.is_better or difference.is_worse else ""
    return f"{low:+.3f} to {high:+.3f}{star}"


@command.command
@workspace_option
def rollback(workspace: str | None) -> None:
    """Put the version back in use that was in use before.

    \b
    Example: classifier models rollback
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.model.store import find_store  # noqa: PLC0415

    store = find_store(workspace)
    previous = store.current()
    version = store.rollback()
    click.echo(f"{version.name} is in use (before: {previous})")
