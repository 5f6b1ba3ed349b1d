"""One sentence: which side is faster, by how much for certain, and under which condition."""

from __future__ import annotations

from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.series import paired, series
from resnet_bench.benchmark.stats import MIN_SAMPLES, Ratio, median, paired_ratio
from resnet_bench.report.captions import remote_in_short
from resnet_bench.report.picks import engines, sides
from resnet_bench.results.records import Phase
from resnet_bench.results.run import Run
from resnet_bench.units import SECOND, number, times

_PHASES: tuple[Phase, Phase] = ("warm", "cold")


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
    return f"For warm calls, measured against {remote_in_short(run.deployment)}: {clauses}."


def _clause(run: Run, engine: str, ratio: Ratio) -> str:
    interval = ratio.interval
    assert interval is not None  # noqa: S101 - only judged ratios come here
    shown = times(median(series(run, engine=engine, side=side).values) for side in sides(run))
    figures = f"{shown.texts[0]} against {shown.texts[1]} {shown.unit.name}, {ratio.n} pairs"
    if 1 in interval:
        between = f"{number(interval.low)} to {number(interval.high)}"
        return (
            f"with {engine} neither side is clearly faster (Lambda takes {number(ratio.value)} times as long, "
            f"but the 95 % interval {between} includes 1; {figures})"
        )
    faster, factor, low, high = "this machine", ratio.value, interval.low, interval.high
    if ratio.value < 1:
        faster, factor, low, high = "Lambda", 1 / ratio.value, 1 / interval.high, 1 / interval.low
    return (
        f"with {engine} {faster} is {number(factor)} times as fast "
        f"(95 % interval {number(low)} to {number(high)}; {figures})"
    )


def _cold(run: Run) -> list[str]:
    """What a cold start costs on Lambda beyond a warm call, by the client's clock."""
    costs = {}
    for engine in engines(run):
        warm, cold = (series(run, engine=engine, side="remote", phase=phase).values for phase in _PHASES)
        if warm and cold:
            costs[engine] = median(cold) - median(warm)
    if not costs:
        return []
    shown = times(costs.values(), unit=SECOND if max(costs.values()) >= SECOND.base else None)
    listed = ", ".join(
        f"{text} {shown.unit.name} with {engine}" for engine, text in zip(costs, shown.texts, strict=True)
    )
    return [f"a cold start on Lambda costs another {listed}"]
