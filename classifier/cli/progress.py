"""How far a long command is, and how long it will take yet."""

from __future__ import annotations

import sys
import time

import click

_WIDTH = 24
# Seconds after which the time that a training has taken foretells what is left.
_TELLING = 1.0


class TrainingProgress:
    """Shows on a terminal what a training does, how far it is and how long it takes.

    Elsewhere it shows nothing.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show a step; the first of a training starts its clock."""
        if done == 0:
            self._start = time.monotonic()
        if not sys.stderr.isatty():
            return
        if done == total:
            click.echo("\r\033[K", nl=False, err=True)
            return
        bar = ("\u2588" * (_WIDTH * done // total)).ljust(_WIDTH, "\u2591")
        elapsed = time.monotonic() - self._start
        left = ""
        if done and elapsed > _TELLING:
            left = f", about {max(1, round(elapsed / done * (total - done)))} s left"
        click.echo(f"\r\033[K{bar} {done}/{total} {what}{left}", nl=False, err=True)
