"""Which saved result a command reads: the one that was named, or the newest that will do."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from resnet_bench.errors import ResultError

if TYPE_CHECKING:
    from resnet_bench.results.run import Command, Run


def chosen(path: Path | None, commands: Collection[Command], run_first: str) -> tuple[Run, Path]:
    """The result in ``path``, or the newest finished one in results/ that one of ``commands`` made; said which.

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
    for candidate in sorted(DEFAULT_FOLDER.glob("*.json"), key=_written_at, reverse=True):
        try:
            run = load(candidate)
        except ResultError:
            continue
        if run.settings.command in commands and run.finished:
            typer.echo(f"from the newest result: {candidate}", err=True)
            return run, candidate
    raise ResultError(f"{DEFAULT_FOLDER}/ has no result of {_either(commands)}", run_first)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone meanwhile, or a link to nowhere
        return 0.0


def _either(commands: Collection[Command]) -> str:
    return " or ".join(f"`{command}`" for command in sorted(commands))
