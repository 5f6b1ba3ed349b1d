"""The page of ``tune``: time, memory and cost at each memory size, and which one to take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resnet_bench.analysis.choice import SCORES, Choice, Rival, Strategy, choose
from resnet_bench.analysis.sweep import FULL, Size, doubts, per_million, sizes
from resnet_bench.benchmark.stats import median
from resnet_bench.prices.table import Prices, packaged
from resnet_bench.report.captions import UNTRAINED, captions, untrained
from resnet_bench.report.conditions import headline
from resnet_bench.report.figures.sweep import sweep_figures
from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Bar, Caption, Column, Row, Table, Value, span
from resnet_bench.results.run import Run
from resnet_bench.units import format_usd, number, times

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
    Column("cost", "cost over memory", "bar", drop=1),
)
_CHOICES = (
    Column("strategy", "by"),
    Column("best", "take"),
    Column("reason", "because", fold=True),
)
_ORDER: dict[Strategy, str] = {
    "cost": "cheapest a request",
    "speed": "fastest, warm p50",
    "balanced": "lowest time^0.5 x cost^0.5",
}
_CLOCK = (
    "p50, p95: warm calls by the client's clock. cold: median of whole forced cold calls, a lower bound of natural "
    "ones. n: warm calls."
)
_COST = (
    "USD a million: requests that are all warm (cold share 0): billed time, by its median, and Lambda's request fee, "
    "without the HTTP API's, which no size changes."
)
_USED = "used: the highest Max Memory Used of the REPORT lines, and its share of the memory size."
_RATIO = "A size is as good as the best where the 95 % interval of the ratio of both, within pairs, reaches 1."


def tune_page(run: Run, strategy: Strategy = "balanced", prices: Prices | None = None) -> Page:
    """Everything that a sweep tells; ``strategy`` decides the verdict, the others stand in the table of choices."""
    prices = prices or packaged(None if run.deployment is None else run.deployment.region)
    found = sizes(run, prices)
    return Page(
        name="tune",
        headline=headline(run),
        sections=tuple(_sections(run, found, prices)),
        caveats=doubts(run),
        verdict=_verdict(found, strategy),
        warning=UNTRAINED if untrained(run) else "",
        record=run,
    )


def _sections(run: Run, found: Sequence[Size], prices: Prices) -> Iterator[Section]:
    if not found:
        return
    sources = captions(run)
    priced = Caption(prices.notice, prices.notice)
    yield Section(
        "Memory sizes", (_times(found, sources), _costs(found, (*sources, priced))), sweep_figures(found, sources)
    )
    chosen = [choice for strategy in SCORES if (choice := choose(found, strategy)) is not None]
    if chosen:
        yield Section("Choice", (_choices(chosen, (*sources, priced)),))


def _times(found: Sequence[Size], sources: tuple[Caption, ...]) -> Table:
    longest = max((size.warm.p50 for size in found if size.warm is not None), default=0.0)
    return Table(
        name="sizes",
        title="Time at each memory size",
        columns=_TIMES,
        rows=tuple(Row(_time_cells(size, longest), size.engine) for size in found),
        captions=sources,
        notes=(_CLOCK,),
    )


def _time_cells(size: Size, longest: float) -> tuple[Value, ...]:
    warm = size.warm
    cold = median(size.cold_s) if size.cold_s else None
    if warm is None:
        return _memory(size), None, None, None, cold, 0, None, size.trouble
    bar = Bar(0.0, warm.p50 / longest)
    return _memory(size), warm.p50, span(warm.p50_interval), warm.p95, cold, warm.n, bar, size.trouble


def _costs(found: Sequence[Size], sources: tuple[Caption, ...]) -> Table:
    dearest = max((size.usd for size in found if size.usd is not None), default=0.0)
    observers = sorted({size.billed_observer for size in found if size.billed_observer})
    return Table(
        name="costs",
        title="Memory and cost at each memory size",
        columns=_COSTS,
        rows=tuple(Row(_cost_cells(size, dearest), size.engine) for size in found),
        captions=sources,
        notes=(_COST, *(f"billed: {each}." for each in observers), _USED, *_full(found)),
    )


def _cost_cells(size: Size, dearest: float) -> tuple[Value, ...]:
    used = (size.used_bytes, size.utilisation)
    if size.usd is None:
        return _memory(size), *used, None, None, None, None
    million = float(per_million(size.usd))
    return _memory(size), *used, size.billed_s, size.gb_s, million, Bar(0.0, size.usd / dearest)


def _full(found: Sequence[Size]) -> Iterator[str]:
    if full := [_name(size) for size in found if size.full]:
        yield f"more than {FULL:.0%} of its memory in use, which leaves no room to spare: {', '.join(full)}."


def _choices(chosen: Sequence[Choice], sources: tuple[Caption, ...]) -> Table:
    return Table(
        name="choices",
        title="Which size to take",
        columns=_CHOICES,
        rows=tuple(Row((choice.strategy, _name(choice.best), _reason(choice))) for choice in chosen),
        captions=sources,
        notes=(_RATIO,),
    )


def _verdict(found: Sequence[Size], strategy: Strategy) -> str:
    choice = choose(found, strategy)
    if choice is None:
        return "No verdict: no memory size works, or none was measured."
    return f"By {strategy}, take {_name(choice.best)}: {_reason(choice)}."


def _reason(choice: Choice) -> str:
    best = choice.best
    assert best.warm is not None  # noqa: S101 - a size that is usable
    assert best.usd is not None  # noqa: S101
    shown = times((best.warm.p50,))
    figures = f"{shown.texts[0]} {shown.unit.name} and {format_usd(per_million(best.usd))} USD a million requests"
    return "; ".join([f"{_ORDER[choice.strategy]} ({figures})", *_rivals(choice), *_room(best)])


def _rivals(choice: Choice) -> Iterator[str]:
    """Honest about ties: what cannot be told from the best is as good."""
    if choice.as_good:
        listed = ", ".join(f"{_name(rival.size)} ({_against(rival)})" for rival in choice.as_good)
        yield f"as good, within what was measured: {listed}"
    elif choice.rivals and choice.rivals[0].ratio.interval is not None:
        yield f"next is {_name(choice.rivals[0].size)}, at {_against(choice.rivals[0])} of that"
    elif choice.rivals:
        yield "too few runs to say by how much it beats the next"


def _room(best: Size) -> Iterator[str]:
    if best.full and best.utilisation is not None:
        yield f"but {best.utilisation:.0%} of its memory is in use, which leaves no room: rather take the next size up"


def _against(rival: Rival) -> str:
    interval = rival.ratio.interval
    assert interval is not None  # noqa: S101 - no ratio without one
    return f"{number(rival.ratio.value)} [{number(interval.low)}, {number(interval.high)}]"


def _name(size: Size) -> str:
    return f"{size.engine} at {_memory(size)}"


def _memory(size: Size) -> str:
    return f"{size.memory_mb} MB"
