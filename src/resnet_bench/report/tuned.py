"""The page of ``tune``: time, memory and cost at each memory size, and which one to take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from resnet_bench.analysis.choice import Strategy
from resnet_bench.analysis.sweep import FULL, OUT_OF_MEMORY, Size, doubts, per_million, sizes
from resnet_bench.benchmark.stats import median
from resnet_bench.prices.table import Prices, packaged
from resnet_bench.report.captions import UNTRAINED, captions, untrained
from resnet_bench.report.choices import choices, memory_of, name_of, tune_verdict
from resnet_bench.report.conditions import headline
from resnet_bench.report.figures.sweep import sweep_figures
from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Bar, Caption, Column, Row, Table, Value, span
from resnet_bench.results.run import Run

_TIMES = (
    Column("memory", "memory"),
    Column("p50", "p50", "seconds"),
    Column("p50_interval", "95 % interval", "seconds"),
    Column("p95", "p95", "seconds"),
    Column("cold", "cold", "seconds"),
    Column("n", "n", "count"),
    Column("time", "p50 over memory", "bar", drop=1),
    Column("status", ""),
)
_COSTS = (
    Column("memory", "memory"),
    Column("used", "used", "bytes"),
    Column("utilisation", "of it", "percent", tight=True),
    Column("billed", "billed", "seconds"),
    Column("gb_s", "GB-s", "ratio"),
    Column("usd_million", "USD a million", "usd"),
    Column("usd_million_mean", "by the mean, as bills go", "usd", detail=True),
    Column("cost", "cost over memory", "bar", drop=1),
)
_CLOCK = (
    "p50, p95: warm calls by the client's clock. cold: median of whole forced cold calls, a lower bound of natural "
    "ones. n: warm calls."
)
_COST = (
    "USD a million: requests that are all warm (cold share 0): billed time, by its median, and Lambda's request fee, "
    "without the HTTP API's, which no size changes."
)


def tune_page(run: Run, strategy: Strategy = "balanced", prices: Prices | None = None) -> Page:
    """Everything that a sweep tells; ``strategy`` decides the verdict, the others stand in the table of choices."""
    prices = prices or packaged(None if run.deployment is None else run.deployment.region)
    found = sizes(run, prices)
    return Page(
        name="tune",
        headline=headline(run),
        sections=tuple(_sections(run, found, prices)),
        caveats=doubts(run),
        verdict=tune_verdict(found, strategy),
        warning=UNTRAINED if untrained(run) else "",
        record=run,
    )


def _sections(run: Run, found: Sequence[Size], prices: Prices) -> Iterator[Section]:
    if not found:
        return
    sources = captions(run)
    priced = (*sources, Caption(prices.notice, prices.notice))
    yield Section("Memory sizes", (_times(found, sources), _costs(found, priced)), sweep_figures(found, priced))
    if any(size.usable for size in found):
        yield Section("Choice", (choices(found, priced),))


def _times(found: Sequence[Size], sources: tuple[Caption, ...]) -> Table:
    longest = max((size.warm.p50 for size in found if size.warm is not None), default=0.0)
    return Table(
        name="sizes",
        title="Time at each memory size",
        columns=_TIMES,
        rows=tuple(Row(_time_cells(size, longest), size.engine) for size in found),
        captions=sources,
        notes=(_CLOCK, *_causes(found)),
    )


def _time_cells(size: Size, longest: float) -> tuple[Value, ...]:
    warm = size.warm
    cold = median(size.cold_s) if size.cold_s else None
    if warm is None:
        return memory_of(size), None, None, None, cold, 0, None, size.trouble
    bar = Bar(0.0, warm.p50 / longest)
    return memory_of(size), warm.p50, span(warm.p50_interval), warm.p95, cold, warm.n, bar, _status(size)


def _status(size: Size) -> str:
    lost = f"{size.failed_count} failed" if size.failed_count else ""
    return size.trouble or lost


def _causes(found: Sequence[Size]) -> Iterator[str]:
    """What failures said, where the table's word or two do not tell it."""
    for size in found:
        if size.cause and size.trouble != OUT_OF_MEMORY:
            yield f"{name_of(size)}, {_status(size)}: {size.cause}."


def _costs(found: Sequence[Size], sources: tuple[Caption, ...]) -> Table:
    dearest = max((size.usd for size in found if size.usd is not None), default=0.0)
    billed = _observers((size, size.billed_observer) for size in found)
    used = _observers((size, size.used_observer) for size in found)
    return Table(
        name="costs",
        title="Memory and cost at each memory size",
        columns=_COSTS,
        rows=tuple(Row(_cost_cells(size, dearest), size.engine) for size in found),
        captions=sources,
        notes=(
            *(f"used: {each}; the highest of all calls." for each in used),
            *_full(found),
            *(f"billed: {each}." for each in billed),
            _COST,
        ),
    )


def _cost_cells(size: Size, dearest: float) -> tuple[Value, ...]:
    used = (size.used_bytes, size.utilisation)
    if size.usd is None or size.mean_usd is None:
        return memory_of(size), *used, None, None, None, None, None
    millions = (float(per_million(usd)) for usd in (size.usd, size.mean_usd))
    return memory_of(size), *used, size.billed_s, size.gb_s, *millions, Bar(0.0, size.usd / dearest)


def _observers(told: Iterable[tuple[Size, str]]) -> list[str]:
    """Who measured; and of which sizes, where it is not the same for all."""
    by: dict[str, list[Size]] = {}
    for size, observer in told:
        if observer:
            by.setdefault(observer, []).append(size)
    if len(by) == 1:
        return [*by]
    return [f"{observer} ({', '.join(map(name_of, of))})" for observer, of in by.items()]


def _full(found: Sequence[Size]) -> Iterator[str]:
    if full := [name_of(size) for size in found if size.full]:
        yield f"more than {FULL:.0%} of its memory in use, which leaves no room to spare: {', '.join(full)}."
