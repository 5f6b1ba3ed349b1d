"""What a finished run shows: tables for people on standard output, or one JSON document for machines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from resnet_bench import report
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.cli.options import OutputOptions
from resnet_bench.errors import Disagreement
from resnet_bench.results.disk import explained
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.run import Run


def check_places(output: OutputOptions) -> None:
    """Find out before anything is measured that a file cannot be written.

    Raises:
        ResultError: it cannot.
    """
    for path, what in ((output.csv, "the CSV file"), (output.html, "the HTML report")):
        if path is not None:
            check_place(path, what)


def check_place(path: Path, what: str) -> None:
    """
    Raises:
        ResultError: nothing can be written there.
    """
    new = not path.exists()
    with explained(path, what):
        path.open("ab").close()
    if new:
        path.unlink()


def show_run(run: Run, output: OutputOptions, saved: Path | None = None, metrics: Sequence[MetricSeries] = ()) -> None:
    """Print ``run`` and CloudWatch's ``metrics``, write the files that were asked for, and say where they are.

    Raises:
        ResultError: a file cannot be written.
        Disagreement: the two sides classified differently, so that there is no table to trust.
    """
    if output.csv is not None:
        report.write_csv(run, output.csv)
    if output.html is not None:
        report.write_html(run, output.html, metrics=metrics)
    if output.json:
        sys.stdout.write(report.document(run, metrics=metrics).decode() + "\n")
        sys.stdout.flush()
    else:
        report.render(run, report.console(), verbose=output.verbose, quiet=output.quiet)
        if metrics and not output.quiet:
            typer.echo()
            report.render_metrics(metrics, report.console())
    for what, path in (("saved", saved), ("CSV", output.csv), ("HTML", output.html)):
        if path is not None and not output.quiet:
            typer.echo(f"{what}: {path}", err=True)
    mismatches = agreement(run)
    if mismatches:
        first = mismatches[0]
        raise Disagreement(
            f"the sides disagree on {len(mismatches)} pairs, first on {first.image} ({first.engine}): {first.reason}",
            "check that both run the same weights and version; no figures are compared until they do",
        )
