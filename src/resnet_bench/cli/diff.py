"""``resnet-bench diff``: two saved results, before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import options
from resnet_bench.cli.streams import write_document


def diff(
    before: Annotated[Path, typer.Argument(help="A result file.")],
    after: Annotated[Path, typer.Argument(help="A later one.")],
    force: Annotated[
        bool, typer.Option("--force", help="Compare also what was measured under unlike conditions.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Compare two saved results: what became slower or faster, and whether that is certain.

    Examples:

      resnet-bench diff results/before.json results/after.json

      resnet-bench diff a.json b.json --force --json
    """
    from resnet_bench import report
    from resnet_bench.benchmark.diff import diff as compare_runs
    from resnet_bench.results.files import load

    found = compare_runs(load(before), load(after), force=force)
    if json:
        write_document(report.diff_document(found))
    else:
        report.render_diff(found, report.console())
