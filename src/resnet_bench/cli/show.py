"""``resnet-bench show``: print a saved result again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import options


def show(
    file: Annotated[Path, typer.Argument(help="A result file, or the journal of a run that was killed.")],
    slo: options.Slo = None,
    json: options.Json = False,
    csv: options.Csv = None,
    html: options.Html = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Print a saved result again.

    Examples:

      resnet-bench show results/2026-11-22T10-00-00-compare.json

      resnet-bench show results/run.partial.jsonl   # of a killed run

      resnet-bench show results/FILE.json --html report.html

      resnet-bench show results/FILE.json --slo p95=500ms   # exits with 1 if a side misses it
    """
    from resnet_bench.cli.output import show_run
    from resnet_bench.results.files import load

    objectives = options.parse_objectives(slo)
    show_run(load(file), options.OutputOptions(json, None, True, csv, quiet, verbose, html=html, objectives=objectives))
