"""Which saved result a command reads: the one that was named, or the newest that will do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from resnet_bench.errors import ResultError

if TYPE_CHECKING:
    from resnet_bench.results.run import Command, Run


def chosen(path: Path | None, commands: Sequence[Command], run_first: str) -> tuple[Run, Path]:
    """The result in ``path``, or the newest finished one in results/ that the first of ``commands`` made; said which.

    Those of the other ``commands`` serve where there is none.

    Files in results/ that are no results, or cut off, are passed over.

    Raises:
        ResultError: ``path`` is no result, or of another command; or results/ has none. ``run_first`` is then the hint.
    """
    from resnet_bench.results.files import DEFAULT_FOLDER, load

    if path is not None:
        run = load(path)
        if run.settings.command not in commands:
            raise ResultError(f"{path} is a result of `{run.settings.command}`, not of {_either(commands)}", run_first)
        return run, path
    newest: dict[Command, tuple[Run, Path]] = {}
    for candidate in sorted(DEFAULT_FOLDER.glob("*.json"), key=_written_at, reverse=True):
        try:
            run = load(candidate)
        except ResultError:
            continue
        if run.finished:
            newest.setdefault(run.settings.command, (run, candidate))
        if commands[0] in newest:
            break
    for command in commands:
        if command in newest:
            typer.echo(f"from the newest result of `{command}`: {newest[command][1]}", err=True)
            return newest[command]
    raise ResultError(f"{DEFAULT_FOLDER}/ has no result of {_either(commands)}", run_first)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone meanwhile, or a link to nowhere
        return 0.0


def _either(commands: Sequence[Command]) -> str:
    return " or ".join(f"`{command}`" for command in sorted(commands))
