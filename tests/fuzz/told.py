"""A run told in every way that there is: whatever its file holds, it must not stop anybody from reading it."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import warnings
from pathlib import Path

import msgspec
from rich.console import Console

from resnet_bench import report
from resnet_bench.analysis.objective import Objective
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.diff import diff
from resnet_bench.benchmark.load import differing
from resnet_bench.errors import ResnetBenchError
from resnet_bench.prices.table import packaged
from resnet_bench.report.changes import changes
from resnet_bench.report.costed import usual_cost
from resnet_bench.report.html import fragment
from resnet_bench.report.objectives import misses
from resnet_bench.report.terminal import Printer
from resnet_bench.results.run import Run

_OBJECTIVES = (Objective(95.0, 0.1, "p95=100ms"),)


def tell(run: Run) -> None:
    """As ``show``, ``report`` (without simulated traffic, which takes seconds) and ``diff`` do.

    What this program says itself (``ResnetBenchError``) is an answer, too.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what divides by zero with a warning shows a wrong figure
        for way in (_shown, _drawn, _priced, _compared):
            with contextlib.suppress(ResnetBenchError):
                way(run)


def _shown(run: Run) -> None:
    page = report.page_of(run, objectives=_OBJECTIVES)
    for quiet in (False, True):
        report.render_page(page, Console(file=io.StringIO(), width=80), quiet=quiet)
    json.loads(report.page_document(page))
    report.markdown((page,))
    with tempfile.TemporaryDirectory() as folder:
        report.write_csv({"": run}, Path(folder) / "samples.csv")
    check(run)
    agreement(run)
    differing(run)
    misses(run, _OBJECTIVES)


def _drawn(run: Run) -> None:
    """A fragment has all of the file but the library that draws."""
    page = report.page_of(run, verbose=True, drawn=True)
    fragment(page, "a").encode()
    msgspec.json.encode([figure for section in page.sections for figure in section.figures])


def _priced(run: Run) -> None:
    usual_cost(run, packaged(None))


def _compared(run: Run) -> None:
    found = diff(run, run)
    printer = Printer(Console(file=io.StringIO(), width=80), None)
    printer.table(changes(found))
    report.diff_document(found)
