"""Asking before something is made or deleted in somebody's account."""

from __future__ import annotations

import sys

import typer

from resnet_bench.errors import UsageError

# That of an interruption: what was asked for has not been done, by the user's own decision.
_NOT_DONE = 130


def confirm(question: str, *, yes: bool) -> None:
    """Go on if ``yes``, or if the user says so.

    Raises:
        UsageError: there is nobody to ask.
        typer.Exit: 130, the user says no.
        KeyboardInterrupt: Ctrl-C. Nothing has been done in either case.
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
        typer.echo(err=True)  # after the terminal's echo of Ctrl-C
        stopped = KeyboardInterrupt()
        stopped.add_note("nothing was changed")
        raise stopped from None
    if not agreed:
        typer.echo("nothing was changed", err=True)
        raise typer.Exit(_NOT_DONE)
