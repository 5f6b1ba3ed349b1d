"""What is printed in which order."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from resnet_bench.benchmark.diff import Diff
from resnet_bench.report.captions import UNTRAINED, untrained
from resnet_bench.report.changes import changes
from resnet_bench.report.conditions import headline
from resnet_bench.report.predictions import in_a_line
from resnet_bench.report.tables import caveats_for, tables_for
from resnet_bench.report.terminal import Printer
from resnet_bench.report.verdicts import verdict
from resnet_bench.report.watched import watched
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.run import Run


def run_page(run: Run, console: Console, *, verbose: bool, quiet: bool, width: int | None) -> None:
    printer = Printer(console, width)
    compared = run.settings.command == "compare"
    if quiet:
        for line in (verdict(run),) if compared else in_a_line(run):
            printer.line(line)
        if untrained(run):
            printer.line(UNTRAINED)
        return
    for number, line in enumerate(headline(run)):
        printer.line(line, "" if number else "bold")
    printer.line("")
    for table in tables_for(run, verbose=verbose):
        printer.table(table)
    printer.caveats(caveats_for(run))
    if compared:
        printer.line("Verdict", "bold")
        printer.line(verdict(run))


def diff_page(diff: Diff, console: Console, *, width: int | None) -> None:
    printer = Printer(console, width)
    printer.table(changes(diff))
    printer.caveats(diff.caveats)


def metrics_page(metrics: Sequence[MetricSeries], console: Console, *, width: int | None) -> None:
    printer = Printer(console, width)
    table = watched(metrics)
    if table is None:
        printer.line("The dashboard draws no metrics.")
    else:
        printer.table(table)
