"""The page of ``load``: throughput and latency at each number of callers, and how far both sides scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resnet_bench.analysis.capacity import LevelFigures, SideCapacity, capacity
from resnet_bench.benchmark.demand import client_cpus, side_cpus, threads_of
from resnet_bench.benchmark.load import differing
from resnet_bench.report.capacity_verdict import capacity_verdict
from resnet_bench.report.captions import UNTRAINED, captions, untrained
from resnet_bench.report.conditions import headline
from resnet_bench.report.figures.capacity import capacity_figures
from resnet_bench.report.names import SIDES
from resnet_bench.report.page import Page, Section
from resnet_bench.report.predictions import mismatches
from resnet_bench.report.rows import Caption, Column, Row, Table, Value, span
from resnet_bench.report.tables import caveats_for
from resnet_bench.results.levels import LoadClients, LoadLevel
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run

_LEVELS = (
    Column("at_once", "at once", "count"),
    Column("throughput", "answers", "rate"),
    Column("throughput_interval", "95 % interval", "rate", detail=True),
    Column("p50", "p50", "seconds"),
    Column("p95", "p95", "seconds"),
    Column("p99", "p99", "seconds"),
    Column("answers", "n", "count"),
    Column("cold", "cold", "count"),
    Column("cold_share", "of all", "percent", tight=True),
    Column("refused", "refused", "count"),
    Column("failed", "failed", "count"),
    Column("drained", "late", "count", drop=1),
)
_SCALING = (
    Column("at_once", "at once", "count"),
    Column("throughput_interval", "answers, 95 %", "rate"),
    Column("efficiency", "scaling", "ratio"),
    Column("efficiency_interval", "95 % interval", "ratio"),
    Column("side_cpus", "CPUs", "ratio"),
    Column("client_cpus", "clients", "ratio"),
    Column("between", "between calls", "seconds", drop=1),
)
_LEFT_OUT, _INTERRUPTED = "left out", "interrupted"
_READING = (
    "latency: by the clients' clock, from the file on disk to the answer. cold: answers of fresh environments, "
    "counted over the whole level as refusals, failures and late ones are; they mostly lie in the part left out. "
    "late: still on their way when the time was over."
)
_REFUSALS = "refused: answered 429 or 503 at once; whoever was refused waited 0.1 s before the next call."
_SCALES = (
    "scaling: throughput over as many times that of the side's fewest callers; 1: each is served as well as then. "
    "Intervals of throughput by batch means (10 of the window)."
)
_CPUS = (
    "CPUs: how many may work on the calls on this machine (threads, or an emulated Lambda's share). clients: how many "
    "their process took; with an emulated Lambda, its gateway too. between calls: median, from an answer to the same "
    "client's next call."
)


def load_page(run: Run) -> Page:
    """Everything that a load test tells, whole or interrupted."""
    found = capacity(run)
    return Page(
        name="load",
        headline=(_headline(run), *headline(run)[1:]),
        sections=tuple(_sections(run, found)),
        caveats=caveats_for(run),
        verdict=capacity_verdict(run, found),
        warning=UNTRAINED if untrained(run) else "",
        record=run,
    )


def _headline(run: Run) -> str:
    levels = sorted({level.concurrency for level in run.levels})
    listed = ", ".join(map(str, levels)) if levels else "nobody"
    planned = max((level.duration_s for level in run.levels), default=0.0)
    each = f", {planned:g} s at each level" if levels else ""
    images = f"{len(run.images)} image{'' if len(run.images) == 1 else 's'}"
    return f"resnet-bench load, {' and '.join(run.settings.engines)}: {listed} callers at once{each}, {images}"


def _sections(run: Run, found: Sequence[SideCapacity]) -> Iterator[Section]:
    if unlike := differing(run):
        yield Section("Disagreement", (mismatches(run, unlike),))
        return
    if found:
        sources = (*_local(run), *captions(run))
        tables = (_levels(run, found, sources), _scaling(run, found, sources))
        yield Section("Under load", tables, capacity_figures(found, sources))


def _levels(run: Run, found: Sequence[SideCapacity], sources: tuple[Caption, ...]) -> Table:
    refused = any(level.refused_count for side in found for level in side.levels)
    return Table(
        name="levels",
        title="Under load",
        columns=_LEVELS,
        rows=tuple(Row(_level_cells(level), _group(side)) for side in found for level in side.levels),
        captions=sources,
        notes=(*_left_out(found), *_windows(run), _READING, *((_REFUSALS,) if refused else ())),
    )


def _level_cells(one: LevelFigures) -> tuple[Value, ...]:
    if isinstance(one.level.clients, Skipped):
        return one.level.concurrency, _LEFT_OUT, *(None,) * (len(_LEVELS) - 2)
    latency, rate = one.latency_s, one.throughput
    tails = (None, None, None, 0) if latency is None else (latency.p50, latency.p95, latency.p99, latency.n)
    return (
        one.level.concurrency,
        *((_INTERRUPTED, None) if rate is None else (rate.value, span(rate.interval))),
        *tails,
        one.cold_count,
        one.cold_share,
        one.refused_count,
        one.failures.total(),
        one.drained_count,
    )


def _scaling(run: Run, found: Sequence[SideCapacity], sources: tuple[Caption, ...]) -> Table:
    return Table(
        name="scaling",
        title="Scaling, and what it took of this machine",
        columns=_SCALING,
        rows=tuple(Row(_scaling_cells(run, level), _group(side)) for side in found for level in side.measured),
        captions=sources,
        notes=(_SCALES, _CPUS),
    )


def _scaling_cells(run: Run, one: LevelFigures) -> tuple[Value, ...]:
    rate, ratio = one.throughput, one.efficiency
    # No ratio without its interval.
    shown = (None, None) if ratio is None or ratio.interval is None else (ratio.value, span(ratio.interval))
    between = one.level.clients.between_s if isinstance(one.level.clients, LoadClients) else None
    return (
        one.level.concurrency,
        None if rate is None else span(rate.interval),
        *shown,
        side_cpus(run, one.level),
        client_cpus(one.level),
        between,
    )


def _group(side: SideCapacity) -> str:
    return f"{side.engine}, {SIDES[side.side]}"


def _left_out(found: Sequence[SideCapacity]) -> Iterator[str]:
    for side in found:
        for one in side.levels:
            if isinstance(one.level.clients, Skipped):
                yield f"{_group(side)}, {one.level.variant}: {_LEFT_OUT}, since {one.level.clients.reason}."


def _windows(run: Run) -> Iterator[str]:
    """What the figures are of. An interrupted level was shorter than the others."""
    level = max(run.levels, key=lambda each: each.duration_s, default=None)
    if level is not None:
        yield (
            f"closed loop: each caller calls again as soon as it is answered. Figures are of the answers that arrived "
            f"in the last {level.duration_s - level.ramp_s:g} s of {level.duration_s:g} s; the first "
            f"{level.ramp_s:g} s are left out."
        )


def _local(run: Run) -> Iterator[Caption]:
    level: LoadLevel | None = next((each for each in run.levels if each.side == "local"), None)
    if level is None or level.workers is None:
        return
    threads = threads_of(run, level)
    each = "" if threads is None else f" of {threads} thread{'' if threads == 1 else 's'}"
    workers = f"{level.workers} worker{'' if level.workers == 1 else 's'}{each}"
    yield Caption(f"local: a server process here, {workers}, called over loopback", f"local: a server here, {workers}")
