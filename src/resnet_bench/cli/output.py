"""What a finished run shows: tables for people on standard output, or one JSON document for machines."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from resnet_bench import report
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.cli.options import OutputOptions
from resnet_bench.errors import Disagreement
from resnet_bench.results.disk import explained
from resnet_bench.results.run import Run


def check_places(output: OutputOptions) -> None:
    """Find out before anything is measured that the CSV file cannot be written.

    Raises:
        ResultError: it cannot.
    """
    if output.csv is None:
        return
    new = not output.csv.exists()
    with explained(output.csv, "the CSV file"):
        output.csv.open("ab").close()
    if new:
        output.csv.unlink()


def show_run(run: Run, output: OutputOptions, saved: Path | None = None) -> None:
    """Print ``run``, write the CSV that was asked for, and say where the result file is.

    Raises:
        Disagreement: the two sides classified differently, so that there is no table to trust.
    """
    if output.csv is not None:
        report.write_csv(run, output.csv)
    if output.json:
        sys.stdout.write(report.document(run).decode() + "\n")
        sys.stdout.flush()
    else:
        report.render(run, report.console(), verbose=output.verbose, quiet=output.quiet)
    for what, path in (("saved", saved), ("CSV", output.csv)):
        if path is not None and not output.quiet:
            typer.echo(f"{what}: {path}", err=True)
    mismatches = agreement(run)
    if mismatches:
        first = mismatches[0]
        raise Disagreement(
            f"the sides disagree on {len(mismatches)} pairs, first on {first.image} ({first.engine}): {first.reason}",
            "check that both run the same weights and version; no figures are compared until they do",
        )
