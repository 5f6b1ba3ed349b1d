"""One sentence: which side is faster, by how much for certain, and under which condition."""

from __future__ import annotations

from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.checks.setup import cpu_taken
from resnet_bench.benchmark.picks import engines, sides
from resnet_bench.benchmark.ratios import Ratio, paired_ratio
from resnet_bench.benchmark.series import paired, series
from resnet_bench.benchmark.stats import MIN_SAMPLES, median
from resnet_bench.benchmark.surcharge import surcharges
from resnet_bench.report.captions import remote_in_short
from resnet_bench.results.run import Run
from resnet_bench.units import SECOND, Unit, number, time_unit, times


def verdict(run: Run) -> str:
    """Begins with "No verdict" where none can be given, and says why."""
    if run.deployment is None or len(sides(run)) < len(("local", "remote")):
        return "No verdict: it takes answers of both sides."
    if found := agreement(run):
        return f"No verdict: the two sides classify differently in {len(found)} pair{'' if len(found) == 1 else 's'}."
    pairs = {engine: paired(run, engine=engine) for engine in engines(run)}
    ratios = {engine: paired_ratio(each.remote, each.local, each.images) for engine, each in pairs.items()}
    judged = [_clause(run, engine, ratio) for engine, ratio in ratios.items() if ratio is not None and ratio.interval]
    if not judged:
        return f"No verdict: it takes {MIN_SAMPLES} warm pairs at least; try --runs 60."
    left_out = [engine for engine, ratio in ratios.items() if ratio is None or not ratio.interval]
    unjudged = [f"too few warm pairs to judge {', '.join(left_out)}"] if left_out else []
    clauses = "; ".join([*judged, *_cold(run), *unjudged])
    # First, because what follows may then point the wrong way: the two sides do not suffer alike.
    begin = "Only a hint, since other programs took CPU time meanwhile: for" if any(cpu_taken(run)) else "For"
    return f"{begin} warm calls, measured against {remote_in_short(run.deployment)}: {clauses}."


def _clause(run: Run, engine: str, ratio: Ratio) -> str:
    interval = ratio.interval
    assert interval is not None  # noqa: S101 - only judged ratios come here
    shown = times(median(series(run, engine=engine, side=side).values) for side in sides(run))
    figures = f"{shown.texts[0]} against {shown.texts[1]} {shown.unit.name}, {ratio.n} pairs"
    if 1 in interval:
        between = f"{number(interval.low)} to {number(interval.high)}"
        return (
            f"with {engine} neither side is clearly faster (Lambda's time over local: 95 % interval {between}, "
            f"which includes 1; {figures})"
        )
    faster, factor, low, high = "this machine", ratio.value, interval.low, interval.high
    if ratio.value < 1:
        faster, factor, low, high = "Lambda", 1 / ratio.value, 1 / interval.high, 1 / interval.low
    return (
        f"with {engine} {faster} is {number(factor)} times as fast "
        f"(95 % interval {number(low)} to {number(high)}; {figures})"
    )


def _cold(run: Run) -> list[str]:
    """What a cold start costs on Lambda beyond a warm call of the same image: median, range, number."""
    costs = {engine: found for engine in engines(run) if (found := surcharges(run, engine))}
    if not costs:
        return []
    middles = [median(found) for found in costs.values()]
    unit = SECOND if max(middles) >= SECOND.base else time_unit(middles)
    listed = ", ".join(f"{_cost(found, unit)} with {engine}" for engine, found in costs.items())
    return [f"a cold start on Lambda adds to a warm call {listed}"]


def _cost(found: tuple[float, ...], unit: Unit) -> str:
    """``0.54 s (0.50 to 0.61, 3 starts)``"""
    middle, low, high = times((median(found), min(found), max(found)), unit=unit).texts
    if len(found) == 1:
        return f"{middle} {unit.name} (1 start)"
    return f"{middle} {unit.name} ({low} to {high}, {len(found)} starts)"
