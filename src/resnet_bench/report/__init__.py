"""Reports: rows first (``tables_for``), then renderers of those same rows. Rich and pandas load only when used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_bench.report.csv import write_csv
from resnet_bench.report.documents import diff_document, document, metrics_document
from resnet_bench.report.tables import caveats_for, tables_for
from resnet_bench.report.verdicts import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from resnet_bench.benchmark.diff import Diff
    from resnet_bench.results.metrics import MetricSeries
    from resnet_bench.results.run import Run

__all__ = [
    "caveats_for",
    "console",
    "diff_document",
    "document",
    "metrics_document",
    "render",
    "render_diff",
    "render_metrics",
    "tables_for",
    "verdict",
    "write_csv",
    "write_html",
]


def console() -> Console:
    """Standard output as it is now: NO_COLOR, TERM=dumb, COLUMNS and pipes are respected."""
    from rich.console import Console

    class OurConsole(Console):
        def on_broken_pipe(self) -> None:
            """Rich would exit with 1; what that means is for the command line to decide."""
            raise BrokenPipeError

    return OurConsole(highlight=False, markup=False, emoji=False)


def render(run: Run, console: Console, *, verbose: bool = False, quiet: bool = False, width: int | None = None) -> None:
    """Print a run: headline, tables, caveats, verdict; ``quiet``: the verdict, or one line an image.

    ``width`` is in columns; without it the output is no wider than 80 or the terminal.
    """
    from resnet_bench.report import pages

    pages.run_page(run, console, verbose=verbose, quiet=quiet, width=width)


def render_diff(diff: Diff, console: Console, *, width: int | None = None) -> None:
    """Print a comparison of two runs with its caveats."""
    from resnet_bench.report import pages

    pages.diff_page(diff, console, width=width)


def render_metrics(metrics: Sequence[MetricSeries], console: Console, *, width: int | None = None) -> None:
    """Print CloudWatch's metrics: how each went, and where it stood last."""
    from resnet_bench.report import pages

    pages.metrics_page(metrics, console, width=width)


def write_html(run: Run | None, path: Path, *, metrics: Sequence[MetricSeries] = ()) -> None:
    """Write one file that opens in any browser, offline: a run's plots, tables, caveats and verdict, and ``metrics``.

    A file that is there already is replaced.

    Raises:
        ResultError: ``path`` cannot be written.
    """
    from resnet_bench.report.html import html
    from resnet_bench.results.disk import explained, write_atomically

    with explained(path, "the HTML report"):
        write_atomically(path, html(run, metrics).encode())
