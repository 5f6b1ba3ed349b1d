"""``resnet-bench report``: saved results as one page for browsers, as a summary for a pull request, as raw samples."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import options

_DEFAULT = Path("report.html")
_PRINTED = Path("-")


def report(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT", help="Result files, of any commands.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The page; default: report.html, or none with --csv or --markdown."
        ),
    ] = None,
    csv: options.Csv = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a summary for a pull request; - prints it.")
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Make one page of saved results: verdicts, plots to look into, all tables and caveats.

    The page is one file that opens in any browser without a network. Each result has its part in it: comparisons
    first, then where their gap comes from, memory sizes, and load.

    Examples:

      resnet-bench report compare.json explain.json -o report.html

      resnet-bench report results/*.json --csv samples.csv

      resnet-bench report compare.json --markdown - | gh pr comment -F -
    """
    from resnet_bench import report as reports
    from resnet_bench.cli.output import check_agreement, check_place
    from resnet_bench.cli.priced import known_prices
    from resnet_bench.cli.progress import display
    from resnet_bench.report.gathered import gather
    from resnet_bench.results.files import load
    from resnet_bench.units import format_bytes

    html = _DEFAULT if output is None and csv is None and markdown is None else output
    files = {"CSV": csv, "Markdown": None if markdown == _PRINTED else markdown, "HTML": html}
    written = {what: path for what, path in files.items() if path is not None}
    for what, path in written.items():
        check_place(path, f"the {what} file")
    runs = list(zip(_names(results), map(load, results), strict=True))
    with display(quiet=quiet) as shown:
        pages = gather(runs, shown, known_prices)
        if html is not None:
            reports.write_page_html(pages, html)
        if csv is not None:
            reports.write_csv(dict(runs), csv)
    if markdown == _PRINTED:
        sys.stdout.write(reports.markdown(pages))
        sys.stdout.flush()
    elif markdown is not None:
        reports.write_markdown(pages, markdown)
    if not quiet:
        for what, path in written.items():
            typer.echo(f"{what}: {path} ({format_bytes(path.stat().st_size)})", err=True)
    for _, run in runs:
        check_agreement(run)


def _names(results: list[Path]) -> list[str]:
    """Without their folders, unless two would then have the same."""
    short = [path.name for path in results]
    return short if len(set(short)) == len(short) else [str(path) for path in results]
