"""What a finished run shows: tables for people on standard output, or one JSON document for machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from resnet_bench import report
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.load import differing
from resnet_bench.benchmark.reduced import calibrated_apart
from resnet_bench.cli.options import OutputOptions
from resnet_bench.cli.priced import known_prices
from resnet_bench.cli.progress import display
from resnet_bench.cli.streams import write_document
from resnet_bench.errors import Disagreement, ObjectiveMissed, ResnetBenchError
from resnet_bench.report.objectives import misses
from resnet_bench.results.disk import explained
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.run import Run

if TYPE_CHECKING:
    from resnet_bench.analysis.choice import Strategy

# Samples whose page takes a second or more to make.
_MANY = 10_000
_WHERE_TIME_GOES = "resnet-bench explain, which tells where the time goes, or tune, which tries other memory sizes"


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


def show_page(page: report.Page, *, json: bool, quiet: bool, **more: Any) -> None:
    """Print ``page``: for people, or as one JSON document with ``more`` entries."""
    if json:
        write_document(report.page_document(page, **more))
    else:
        report.render_page(page, report.console(), quiet=quiet)


def check_agreement(run: Run) -> None:
    """
    Raises:
        Disagreement: the two sides classified differently.
    """
    if mismatches := agreement(run) or differing(run):
        first, apart = mismatches[0], calibrated_apart(run.samples)
        hint = "check that both run the same weights and version; no figures are compared until they do"
        if apart:
            hint = f"calibrate {apart} on the same images for both sides: --calibrate FOLDER, here and for the function"
        raise Disagreement(
            f"the sides disagree on {len(mismatches)} pairs, first on {first.image} ({first.engine}): {first.reason}",
            hint,
        )


def show_run(run: Run, output: OutputOptions, saved: Path | None = None, metrics: Sequence[MetricSeries] = ()) -> None:
    """Print ``run`` and CloudWatch's ``metrics``, write the files that were asked for, and say where they are.

    Raises:
        ResultError: a file cannot be written, or no call can be judged by the objectives.
        Disagreement: the two sides classified differently, so that there is no table to trust.
        ObjectiveMissed: a side does not keep what was asked for.
    """
    page_of = partial(
        report.page_of,
        run,
        metrics=metrics,
        objectives=output.objectives,
        prices=known_prices(None if run.deployment is None else run.deployment.region),
    )
    quick = output.quiet or len(run.samples) < _MANY
    with saved_at(saved):
        with display(quiet=quick) as shown:
            shown.step(f"making the tables of {len(run.samples):,} samples")
            page = page_of(verbose=output.verbose)
        show_page(page, json=output.json, quiet=output.quiet, metrics=metrics)
        with display(quiet=quick or output.csv is output.html is None) as shown:
            shown.step("writing the files")
            _write_files(run, lambda: page_of(verbose=True, drawn=True), output)
    _say_where(output, saved)
    check_agreement(run)
    if missed := misses(run, output.objectives):
        raise ObjectiveMissed("; ".join(missed), _WHERE_TIME_GOES)


def show_tuned(run: Run, strategy: Strategy, output: OutputOptions, saved: Path | None) -> None:
    """As ``show_run``, of a memory sweep whose verdict goes by ``strategy``.

    Raises:
        ResultError: a file cannot be written.
    """
    page = report.page_of(run, strategy=strategy)
    with saved_at(saved):
        show_page(page, json=output.json, quiet=output.quiet)
        _write_files(run, lambda: page, output)
    _say_where(output, saved)


@contextmanager
def saved_at(saved: Path | None) -> Iterator[None]:
    """Let whatever comes between say where the results are."""
    try:
        yield
    except (ResnetBenchError, OSError, KeyboardInterrupt) as error:
        if saved is not None:
            error.add_note(f"the results are safe: resnet-bench show {saved}")
        raise


def _write_files(run: Run, drawn: Callable[[], report.Page], output: OutputOptions) -> None:
    """After what is printed, which a full disk cannot take away.

    Raises:
        ResultError: a file cannot be written.
    """
    if output.csv is not None:
        report.write_csv({"": run}, output.csv)
    if output.html is not None:
        report.write_page_html((drawn(),), output.html)


def _say_where(output: OutputOptions, saved: Path | None) -> None:
    for what, path in (("saved", saved), ("CSV", output.csv), ("HTML", output.html)):
        if path is not None and not output.quiet:
            typer.echo(f"{what}: {path}", err=True)
