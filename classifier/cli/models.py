"""``classifier models``."""

from __future__ import annotations

from typing import Any

import click

from classifier.cli import report_error
from classifier.cli.options import output_options, workspace_option


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
    from classifier.cli.output import Output, to_json, to_table  # noqa: PLC0415
    from classifier.errors import ManifestError  # noqa: PLC0415
    from classifier.model.store import find_store  # noqa: PLC0415

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
@click.argument("version", required=False, metavar="[VERSION]")
@output_options("table", "json")
@workspace_option
def show(
    version: str | None, workspace: str | None, format_: str, output: str | None
) -> None:
    """Show a version's card, or as JSON its manifest; the one in use by default.

    \b
    Example: classifier models show
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output, to_json  # noqa: PLC0415
    from classifier.model.store import find_store  # noqa: PLC0415

    found = find_store(workspace).read(version)
    with Output(output) as out:
        if format_ == "json":
            out.write(to_json(found.manifest, indent=1) + "\n")
        else:
            out.write(found.files["card.md"].decode())


@command.command
@click.argument("versions", nargs=-1, metavar="[VERSION...]")
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
            store.read(name).model()
        except ClassifierError as error:
            report_error(str(error))
            failed = True
        else:
            click.echo(f"{name}: as it was saved")
    ctx.exit(1 if failed else 0)


@command.command
@click.argument("version", metavar="VERSION")
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
