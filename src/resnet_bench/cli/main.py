"""The command line: the commands, and the one place where errors become messages and exit codes.

Each command's module imports what is heavy inside its function, so that ``--help`` loads none of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from resnet_bench import __version__, refusals
from resnet_bench.characters import fit
from resnet_bench.cli import (
    collect,
    compare,
    cost,
    dashboard,
    deploy,
    destroy,
    diff,
    disturbances,
    doctor,
    emulate,
    ending,
    engines,
    explain,
    image,
    load,
    local,
    plan,
    remote,
    report,
    serve,
    show,
    status,
    streams,
    tune,
)
from resnet_bench.errors import RemoteError, ResnetBenchError, ResultError, SetupError

_INTERRUPTED = 130
_DEFECT = 3

_EPILOG = """\
Examples:

  resnet-bench compare images/*.jpg --runs 60        # both sides, interleaved

  resnet-bench explain cat.jpg                       # where the gap comes from

  resnet-bench plan --slo p99=1s                     # which side, at which traffic

  resnet-bench local cat.jpg                         # this machine

  resnet-bench remote cat.jpg --memory 1769          # an emulated Lambda

  resnet-bench remote cat.jpg --url https://...      # a deployed one

  resnet-bench serve                                 # a page with a Classify button

  resnet-bench show results/FILE.json                # a saved result again

  resnet-bench report results/*.json -o report.html  # all on one page, with plots

  resnet-bench doctor                                # what can be trusted here
"""


class _Reporting(TyperGroup):
    """Prints what the commands raise: one line, the next step, the right exit code, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            _check_current_folder()
            return super().invoke(ctx)
        except ResnetBenchError as error:
            _explain(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt as interrupt:
            ending.no_more()
            _say("\n".join(["interrupted", *_notes(interrupt)]))
            raise typer.Exit(_INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output (`| head`) has gone: not an error, and nobody is left to tell.
            streams.give_up_output()
            raise typer.Exit(0) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and streams.is_refused(error):
                raise typer.Exit(_explain_refused(error)) from None
            if os.environ.get("RESNET_BENCH_DEBUG") or _is_usage_error(error):
                raise
            if (refused := refusals.explained(error)) is not None:
                for note in _notes(error):
                    refused.add_note(note)
                _explain(refused)
                raise typer.Exit(refused.exit_code) from None
            _say(f"error: a defect of resnet-bench: {type(error).__name__}: {error}")
            _say("  try: run it again with RESNET_BENCH_DEBUG=1 and report what is printed")
            raise typer.Exit(_DEFECT) from None


def _check_current_folder() -> None:
    """
    Raises:
        SetupError: it has been removed, so that neither images nor results have a place.
    """
    try:
        os.getcwd()  # noqa: PTH109 - pathlib's says no more
    except FileNotFoundError:
        raise SetupError("the current folder has been removed", "cd to another one, and run it again") from None


def _is_usage_error(error: Exception) -> bool:
    """Typer's own complaints about the command line, whichever Click it carries inside."""
    return hasattr(error, "exit_code") and hasattr(error, "show")


def _explain(error: ResnetBenchError) -> None:
    for line in error.details.splitlines():
        _say(f"  | {line}")
    _say(f"error: {_without_account_data(error)}")
    for note in getattr(error, "__notes__", []):
        _say(f"  {note}")
    if error.hint:
        _say(f"  try: {error.hint}")


def _without_account_data(error: ResnetBenchError) -> str:
    """What the far side says may name keys and accounts, and what is printed here ends in the logs of a CI."""
    if not isinstance(error, RemoteError):
        return error.message
    from resnet_bench.aws.privacy.account_data import strip_text

    return strip_text(error.message, addresses=False)


def _explain_refused(refused: OSError) -> int:
    """Nothing can be printed; the exit code."""
    streams.give_up_output()
    error = ResultError(
        f"standard output could not be written: {refused.strerror}", "free some space, or send it elsewhere"
    )
    for note in _notes(refused):
        error.add_note(note)
    _explain(error)
    return error.exit_code


def _notes(error: BaseException | None) -> Iterator[str]:
    """Its own, and those of what it came between: a second Ctrl-C cuts short the end that the first one began."""
    while error is not None:
        yield from getattr(error, "__notes__", [])
        error = error.__context__


def _say(text: str) -> None:
    typer.echo(fit(text), err=True)


app = typer.Typer(
    name="resnet-bench",
    cls=_Reporting,
    help="Should this image classifier run on my own machine or on AWS Lambda?",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"resnet-bench {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


# Measure, then what it means, then read and keep; then AWS.
app.command()(compare.compare)
app.command(no_args_is_help=True)(local.local)
app.command(no_args_is_help=True)(remote.remote)
for _command in (explain.explain, tune.tune, load.load, cost.cost, plan.plan):
    app.command()(_command)
for _reading in (show.show, report.report, diff.diff):
    app.command(no_args_is_help=True)(_reading)
app.command()(engines.engines)
app.command()(doctor.doctor)
for _serving in (serve.serve, emulate.emulate):
    app.command()(_serving)
app.command(no_args_is_help=True)(collect.collect)
app.command()(dashboard.dashboard)
app.add_typer(image.app, name="image")
app.command()(deploy.deploy)
app.command()(status.status)
app.command()(destroy.destroy)


def main() -> None:
    """All that ``program.main`` does once everything is imported."""
    streams.settle()
    try:
        ending.by_interrupt()
        disturbances.watch()
        app()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        # Help and version are printed before any command begins.
        if not streams.is_refused(error):
            raise
        sys.exit(_explain_refused(error))
    finally:
        ending.no_more()
