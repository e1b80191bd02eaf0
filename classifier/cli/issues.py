"""``classifier issues``."""

from __future__ import annotations

from typing import Any

import click

from classifier.cli.completion import complete_issues
from classifier.cli.options import output_options, read_codebook, workspace_option


@click.group
def command() -> None:
    """Read and check the codebook."""


@command.command(name="list")
@output_options("table", "json")
@workspace_option
def list_(workspace: str | None, format_: str, output: str | None) -> None:
    """List the issues with their names.

    \b
    Example: classifier issues list
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output, to_table  # noqa: PLC0415
    from classifier.serialisation import to_json  # noqa: PLC0415

    codebook, _ = read_codebook(workspace)
    with Output(output) as out:
        if format_ == "json":
            out.write(
                to_json([_to_record(i) for i in codebook.issues], indent=1) + "\n"
            )
        else:
            rows = [(issue.slug, issue.name) for issue in codebook.issues]
            out.write(to_table(("issue", "name"), rows))


@command.command
@click.argument("slug", metavar="SLUG", shell_complete=complete_issues)
@output_options("table", "json")
@workspace_option
def show(slug: str, workspace: str | None, format_: str, output: str | None) -> None:
    """Show an issue's definition and its rules.

    \b
    Example: classifier issues show trade
    """  # noqa: D301 - click's mark for lines to keep
    import textwrap  # noqa: PLC0415

    from classifier.cli.output import Output, terminal_width  # noqa: PLC0415
    from classifier.serialisation import to_json  # noqa: PLC0415

    codebook, _ = read_codebook(workspace)
    issue = codebook[slug]
    lines = [click.style(f"{issue.name} ({issue.slug})", bold=True)]
    width = min(terminal_width(), 100)
    lines += textwrap.wrap(issue.definition, width)
    for name, items in (
        ("Include", issue.include),
        ("Exclude", issue.exclude),
        ("Neighbours", issue.neighbours),
    ):
        lines += ["", click.style(name, bold=True)] if items else []
        for item in items:
            lines += textwrap.wrap(
                item, width, initial_indent="- ", subsequent_indent="  "
            )
    with Output(output) as out:
        if format_ == "json":
            out.write(to_json(_to_record(issue), indent=1) + "\n")
        else:
            out.write("\n".join(lines) + "\n")


@command.command
@workspace_option
def check(workspace: str | None) -> None:
    """Check the codebook; every problem is named at once, with its line.

    \b
    Example: classifier issues check
    """  # noqa: D301 - click's mark for lines to keep
    codebook, path = read_codebook(workspace)
    click.echo(f"{path}: {len(codebook)} issues, no problems", err=True)


def _to_record(issue: Any) -> dict[str, Any]:  # noqa: ANN401 - Issue, imported late
    """Return an issue ready for JSON."""
    from dataclasses import asdict  # noqa: PLC0415

    record: dict[str, Any] = asdict(issue)
    return record
