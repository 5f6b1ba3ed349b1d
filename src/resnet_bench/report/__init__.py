"""Reports: a page of rows first (``page_of``), then renderers of that page. Rich and pandas load only when used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_bench.report.csv import write_csv
from resnet_bench.report.documents import diff_document, metrics_document, page_document
from resnet_bench.report.markdown import markdown
from resnet_bench.report.page import Page
from resnet_bench.report.pages import metrics_page, page_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from resnet_bench.benchmark.diff import Diff

__all__ = [
    "Page",
    "console",
    "diff_document",
    "markdown",
    "metrics_document",
    "metrics_page",
    "page_document",
    "page_of",
    "render_diff",
    "render_page",
    "write_csv",
    "write_markdown",
    "write_page_html",
]


def console() -> Console:
    """Standard output as it is now: NO_COLOR, TERM=dumb, COLUMNS and pipes are respected."""
    from rich.console import Console

    class OurConsole(Console):
        def on_broken_pipe(self) -> None:
            """Rich would exit with 1; what that means is for the command line to decide."""
            raise BrokenPipeError

    return OurConsole(highlight=False, markup=False, emoji=False)


def render_page(page: Page, console: Console, *, quiet: bool = False, width: int | None = None) -> None:
    """Print a page: headline, tables, caveats, verdict; ``quiet``: the verdict, or one line an image.

    ``width`` is in columns; without it the output is no wider than 80 or the terminal.
    """
    from resnet_bench.report.terminal import Printer

    Printer(console, width).page(page, quiet=quiet)


def render_diff(diff: Diff, console: Console, *, width: int | None = None) -> None:
    """Print a comparison of two runs with its caveats."""
    from resnet_bench.report.changes import changes
    from resnet_bench.report.terminal import Printer

    printer = Printer(console, width)
    printer.table(changes(diff))
    printer.caveats(diff.caveats)


def write_page_html(pages: Sequence[Page], path: Path) -> None:
    """Write one file that opens in any browser, offline: the pages with their plots, tables, caveats and verdicts.

    A file that is there already is replaced.

    Raises:
        ResultError: ``path`` cannot be written.
    """
    from resnet_bench.report.html import html
    from resnet_bench.results.disk import explained, write_atomically

    with explained(path, "the HTML report"):
        write_atomically(path, html(pages).encode())


def write_markdown(pages: Sequence[Page], path: Path) -> None:
    """
    Raises:
        ResultError: ``path`` cannot be written.
    """
    from resnet_bench.results.disk import explained, write_atomically

    with explained(path, "the Markdown file"):
        write_atomically(path, markdown(pages).encode())
