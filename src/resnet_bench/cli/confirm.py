"""Asking before something is made or deleted in somebody's account."""

from __future__ import annotations

import sys

import typer

from resnet_bench.errors import UsageError


def confirm(question: str, *, yes: bool) -> None:
    """Go on if ``yes``, or if the user says so.

    Raises:
        UsageError: there is nobody to ask.
        KeyboardInterrupt: the user says no, or Ctrl-C: nothing has been done.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "nobody can be asked: standard input is no terminal", "give --yes to go on without being asked"
        )
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        stopped = KeyboardInterrupt()
        stopped.add_note("nothing was changed")
        raise stopped
