"""How warm latency scatters: percentiles, extremes and mean of each stage, local directly above Lambda."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_bench.benchmark.picks import engines, sides
from resnet_bench.benchmark.series import STAGES, TOTAL, series
from resnet_bench.benchmark.stats import Interval, Summary, summarise
from resnet_bench.report.captions import captions
from resnet_bench.report.names import MEASURES, SIDES
from resnet_bench.report.rows import Column, Row, Table, Value, span
from resnet_bench.results.records import Phase
from resnet_bench.results.run import Run

COLUMNS = (
    Column("stage", "", once=True),
    Column("side", "", tight=True),
    Column("n", "n", "count", drop=1),
    Column("p50", "p50", "seconds"),
    Column("p50_interval", "its 95 %", "seconds", tight=True),
    Column("p95", "p95", "seconds"),
    Column("p99", "p99", "seconds"),
    Column("min", "min", "seconds"),
    Column("max", "max", "seconds", detail=True),
    Column("mean", "mean", "seconds"),
    Column("mean_margin", "+/-", "seconds", tight=True, drop=2),
    Column("mean_interval", "its 95 %", "seconds", detail=True),
    Column("p95_interval", "p95's 95 %", "seconds", detail=True),
    Column("p99_interval", "p99's 95 %", "seconds", detail=True),
)


def distribution(run: Run, phase: Phase = "warm") -> Table:
    """Total and stages. On the local side the total is that of the stages, which is therefore not listed again."""
    return Table(
        name="distribution" if phase == "warm" else f"distribution_{phase}",
        title=f"{phase.capitalize()} latency in detail",
        columns=COLUMNS,
        rows=tuple(row for engine in engines(run) for row in _rows(run, engine, phase)),
        captions=captions(run),
        notes=tuple(_notes(run)),
    )


def _notes(run: Run) -> Iterator[str]:
    yield "its 95 %: the median's interval. +/-: the longer half of the mean's."
    if len({sample.image for sample in run.samples}) > 1:
        yield "Over images of different size the median's interval spans the sizes; look at one image for less."


def _rows(run: Run, engine: str, phase: Phase) -> Iterator[Row]:
    for measure in (TOTAL, "handler", *STAGES):
        for side in sides(run):
            if side == "local" and measure == "handler":
                continue
            found = series(run, engine=engine, side=side, measure=measure, phase=phase)
            summary = summarise(found.values, found.images)
            if summary is not None:
                yield Row((MEASURES[measure], SIDES[side], *_cells(summary)), engine)


def _cells(one: Summary) -> tuple[Value, ...]:
    """In the order of ``COLUMNS``, from n on."""
    return (
        one.n,
        one.p50,
        span(one.p50_interval),
        one.p95,
        one.p99,
        one.min,
        one.max,
        one.mean,
        _margin(one.mean, one.mean_interval),
        span(one.mean_interval),
        span(one.p95_interval),
        span(one.p99_interval),
    )


def _margin(mean: float, interval: Interval | None) -> float | None:
    """A bootstrap interval need not be symmetrical: the longer half never understates the doubt."""
    return None if interval is None else max(interval.high - mean, mean - interval.low)
