"""The command line: one file per noun, loaded on demand."""

from __future__ import annotations

import gc
import io
import os
import sys
import warnings
from importlib import import_module
from typing import Any

import click

from classifier import __version__
from classifier.errors import ArticleWarning, ClassifierError, UnknownIssueError

# The exit code of what Ctrl-C stopped, as shells have it.
INTERRUPTED = 130
# Each lives in the module of its name. Only the one that runs is imported, with what it
# needs.
_COMMANDS = (
    "tag",
    "explain",
    "train",
    "retrain",
    "evaluate",
    "labels",
    "issues",
    "models",
    "completion",
)


class _Group(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of their use."""
        return list(_COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import and return a command; None where there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"classifier.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where one is mistyped."""
        from classifier.files import did_you_mean  # noqa: PLC0415

        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], _COMMANDS)
            ctx.fail(f"No such command '{args[0]}'{hint}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the command; a foreseen error becomes one clean line."""
        with warnings.catch_warnings():
            warnings.simplefilter("always", ArticleWarning)
            warnings.showwarning = _show_warning
            try:
                return super().invoke(ctx)
            except ClassifierError as error:
                for line in str(error).splitlines():
                    report_error(line)
                # What does not exist was typed by the user: misuse.
                ctx.exit(2 if isinstance(error, UnknownIssueError) else 1)
            except KeyboardInterrupt:
                report_error("stopped")
                ctx.exit(INTERRUPTED)
            except BrokenPipeError:
                raise
            except OSError as error:
                name = f"{error.filename}: " if error.filename else ""
                report_error(f"{name}{error.strerror or error}")
                ctx.exit(1)


def report_error(line: str) -> None:
    """Print one line about something that failed."""
    click.echo(f"{click.style('Error:', fg='red')} {line}", err=True)


def report_warning(line: str) -> None:
    """Print one line about something to know."""
    click.echo(f"{click.style('Warning:', fg='yellow')} {line}", err=True)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning of ours as one line."""
    report_warning(str(message))


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="classifier")
@click.option("--workspace", metavar="DIR", help="Work in this workspace.")
@click.pass_context
def main(ctx: click.Context, workspace: str | None) -> None:  # noqa: ARG001
    """Find which issues of US-China relations the paragraphs of an article raise.

    \b
    classifier tag article.txt      the issues of each paragraph
    classifier explain article.txt  the words that speak for them
    classifier retrain              a new model from labels.csv and corpus/
    """  # noqa: D301 - click's mark for lines to keep
    # A start makes many objects and hardly any garbage: looking for it after every 700,
    # Python's own pace, costs a twentieth of the time that one article takes.
    gc.set_threshold(50_000)
    # A pipe of another encoding could not hold every character; it gets UTF-8.
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None) or "utf-8"
        if isinstance(stream, io.TextIOWrapper) and encoding.lower() != "utf-8":
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")
    if "NO_COLOR" in os.environ:
        ctx.color = False
