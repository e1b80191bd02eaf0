"""A run over an archive, as a terminal shows it; part of ``classifier tag``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from classifier.archive.run import Summary, run
from classifier.cli import INTERRUPTED, report_error, report_warning
from classifier.cli.output import count_of
from classifier.errors import ClassifierError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.archive.work import Job
    from classifier.formats.sources import Source
    from classifier.tagging.tagger import Tagger

_WIDTH = 24


class _StrictError(ClassifierError):
    """Raised at the first problem where nothing bad is to be passed over."""


def tag_archive(
    tagger: Tagger,
    sources: Sequence[Source],
    job: Job,
    *,
    n_jobs: int | None,
    scheduler: str | None,
    resume: bool,
    strict: bool,
) -> int:
    """Tag an archive, show how far it is, sum it up, and return the exit code."""
    shown = _Progress()
    summary = Summary()

    def report(line: str) -> None:
        shown.clear()
        report_error(line)
        if strict:
            raise _StrictError

    def warn(line: str) -> None:
        shown.clear()
        report_warning(line)

    def progress(now: Summary, done: int, total: int) -> None:
        nonlocal summary
        summary = now
        shown.show(now, done, total)

    try:
        summary = run(
            tagger,
            sources,
            job,
            n_jobs=n_jobs,
            scheduler=scheduler,
            resume=resume,
            report=report,
            warn=warn,
            progress=progress,
        )
    except KeyboardInterrupt:
        shown.clear()
        report_error(f"stopped; {_sum_up(summary)}: go on with --resume")
        return INTERRUPTED
    except _StrictError:
        report_error("stopped at the first bad input, as --strict asks")
        return 1
    shown.clear()
    click.echo(f"{job.folder}: {_sum_up(summary)}", err=True)
    return 1 if summary.n_problems or summary.n_failed else 0


def _sum_up(summary: Summary) -> str:
    """Return what was done in one line."""
    done = count_of(summary.n_inputs, "input")
    paragraphs = count_of(summary.n_paragraphs, "paragraph")
    parts = [
        count_of(summary.n_articles, "article"),
        f"{paragraphs}, {summary.n_tagged:,} of them tagged",
    ]
    if summary.n_skipped:
        parts.append(f"{summary.n_skipped} done before")
    if summary.n_failed:
        parts.append(f"{summary.n_failed} without an output")
    if summary.n_problems:
        parts.append(count_of(summary.n_problems, "problem"))
    return f"{done}: {', '.join(parts)}"


class _Progress:
    """One line on a terminal, drawn anew; elsewhere nothing."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._is_shown = False
        self._first: int | None = None  # bytes that an earlier run had done

    def show(self, summary: Summary, done: int, total: int) -> None:
        """Draw how far the run is, how fast, and how long it will take yet."""
        if not sys.stderr.isatty():
            return
        if self._first is None:
            self._first = done
        elapsed = max(time.monotonic() - self._start, 1e-3)
        share = min(done / total, 1.0) if total else 0.0
        filled = round(_WIDTH * share)
        bar = "\u2588" * filled + "\u2591" * (_WIDTH - filled)
        text = f"{bar} {share:4.0%}  {summary.n_articles:,} articles"
        text += f", {summary.n_articles / elapsed:,.0f} a second"
        if done > self._first:
            left = elapsed * (total - done) / (done - self._first)
            text += f", {int(left) // 60}:{int(left) % 60:02} left"
        click.echo(f"\r\033[K{text}", nl=False, err=True)
        self._is_shown = True

    def clear(self) -> None:
        """Wipe the line."""
        if self._is_shown:
            click.echo("\r\033[K", nl=False, err=True)
            self._is_shown = False
