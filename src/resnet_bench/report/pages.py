"""The page of each kind of record: what is told, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from resnet_bench.analysis.objective import ErrorObjective, Objective
from resnet_bench.benchmark.reduced import reduced
from resnet_bench.prices.table import Prices, packaged
from resnet_bench.report.advised import advice_for, advice_table
from resnet_bench.report.agreements import agreements_table
from resnet_bench.report.captions import UNTRAINED, untrained
from resnet_bench.report.conditions import headline
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures import COLD, LATENCY, MEMORY, TRACES, figures
from resnet_bench.report.figures.watched import watched_figures
from resnet_bench.report.objectives import objectives_tables
from resnet_bench.report.page import Page, Section
from resnet_bench.report.predictions import in_a_line
from resnet_bench.report.rows import Table
from resnet_bench.report.tables import caveats_for, tables_for
from resnet_bench.report.verdicts import verdict
from resnet_bench.report.watched import watched
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import COMPARISONS, Run

if TYPE_CHECKING:
    from resnet_bench.analysis.choice import Strategy

_NO_METRICS = "The dashboard draws no metrics."
_SUBJECTS = {
    "by_engine": LATENCY,
    "latency": LATENCY,
    "failures": LATENCY,
    "distribution": LATENCY,
    "cold": COLD,
    "memory": MEMORY,
    "traces": TRACES,
}


def page_of(
    run: Run,
    *,
    metrics: Sequence[MetricSeries] = (),
    objectives: Sequence[Objective | ErrorObjective] = (),
    prices: Prices | None = None,
    verbose: bool = False,
    drawn: bool = False,
    strategy: Strategy = "balanced",
) -> Page:
    """What there is to tell of a saved run, whichever command made it.

    ``metrics`` are CloudWatch's, of the time of the run; ``objectives`` are what its calls are to be judged by,
    ``prices`` those of its region (``None``: the packaged ones). ``drawn``: with its figures, which nothing but HTML
    shows. ``strategy`` is what a sweep of memory sizes is judged by.
    """
    page = _of_conditions(run, strategy)
    if page is None:
        page = _measured(run, verbose=verbose, drawn=drawn)
        latencies = [one for one in objectives if isinstance(one, Objective)]
        page = _advised(page, run, latencies, prices) if run.settings.command in COMPARISONS else _in_brief(page, run)
    agreed = agreements_table(reduced(run.samples))
    inexact = [] if agreed is None else [Section("Agreement", (agreed,))]
    judged = [Section("Objectives", objectives_tables(run, objectives))] if objectives else []
    return replace(page, sections=(*page.sections, *inexact, *judged, *metric_sections(metrics)))


def _of_conditions(run: Run, strategy: Strategy) -> Page | None:
    """Of a run under several conditions; all others are one side, or the two beside each other.

    Each imports its own analysis, which no other page needs.
    """
    match run.settings.command:
        case "explain":
            from resnet_bench.report.explained import explain_page

            return explain_page(run)
        case "load":
            from resnet_bench.report.loaded import load_page

            return load_page(run)
        case "tune":
            from resnet_bench.report.tuned import tune_page

            return tune_page(run, strategy)
    return None


def _measured(run: Run, *, verbose: bool, drawn: bool) -> Page:
    """What was measured by ``local``, ``remote``, ``compare`` or the page of ``serve``."""
    return Page(
        name=run.settings.command,
        headline=headline(run),
        sections=tuple(_sections(run, verbose, figures(run) if drawn else {})),
        caveats=caveats_for(run),
        warning=UNTRAINED if untrained(run) else "",
        record=run,
    )


def _advised(page: Page, run: Run, objectives: Sequence[Objective], prices: Prices | None) -> Page:
    """With what to choose, which takes both sides and prices."""
    prices = prices or packaged(None if run.deployment is None else run.deployment.region)
    advice = advice_for(run, prices, objectives)
    stands_on = [] if isinstance(advice, Skipped) else [Section("Choice", (advice_table(advice, run, prices),))]
    return replace(page, sections=(*page.sections, *stands_on), verdict=verdict(run, advice, prices))


def _in_brief(page: Page, run: Run) -> Page:
    return replace(page, brief=tuple(in_a_line(run)))


def metrics_page(metrics: Sequence[MetricSeries]) -> Page:
    """Of ``dashboard``."""
    sections = tuple(metric_sections(metrics)) or (Section("CloudWatch", paragraphs=(_NO_METRICS,)),)
    return Page("dashboard", ("resnet-bench: CloudWatch metrics",), sections, record=metrics)


def metric_sections(metrics: Sequence[MetricSeries]) -> Iterator[Section]:
    table = watched(metrics)
    if table is not None:
        yield Section("CloudWatch", (table,), tuple(watched_figures(metrics)))


def _sections(run: Run, verbose: bool, drawn: Mapping[str, tuple[Figure, ...]]) -> Iterator[Section]:
    """Tables stand with the figures of their subject."""
    tables: dict[str, list[Table]] = {}
    for table in tables_for(run, verbose=verbose):
        tables.setdefault(_SUBJECTS.get(table.name, table.title), []).append(table)
    for subject in dict.fromkeys((*tables, *drawn)):
        yield Section(subject, tuple(tables.get(subject, ())), drawn.get(subject, ()))
