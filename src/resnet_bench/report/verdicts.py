"""The verdict: what to choose and on which condition, then which side is faster and by how much for certain."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.analysis.advice import Advice
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.checks.setup import cpu_taken
from resnet_bench.benchmark.picks import engines, sides
from resnet_bench.benchmark.ratios import Ratio, paired_ratio
from resnet_bench.benchmark.series import paired, series
from resnet_bench.benchmark.stats import MIN_SAMPLES, median
from resnet_bench.benchmark.surcharge import surcharges
from resnet_bench.prices.table import Prices
from resnet_bench.report.advised import advice_sentence
from resnet_bench.report.captions import remote_in_short
from resnet_bench.report.engine_verdict import engine_sentence, engines_told
from resnet_bench.report.failed import failed_sentence
from resnet_bench.report.names import named
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run
from resnet_bench.units import SECOND, Unit, number, time_unit, times

_NONE = "No verdict"


def verdict(run: Run, advice: Advice | Skipped, prices: Prices) -> str:
    """Begins with "No verdict" where none can be given, and says why; ends with the calls that failed.

    ``advice`` is ``Skipped`` where the run is no ground for any; ``prices`` are those that it stands on.
    """
    return " ".join(filter(None, (_judged(run, advice, prices), failed_sentence(run))))


def _judged(run: Run, advice: Advice | Skipped, prices: Prices) -> str:
    measured = speed(run)
    if measured.startswith(_NONE):
        return measured
    # First, because what follows may then point the wrong way: the two sides do not suffer alike.
    hint = "Only a hint, since other programs took CPU time meanwhile. " if any(cpu_taken(run)) else ""
    if isinstance(advice, Skipped):
        return f"{hint}{measured} What to choose is left open: {advice.reason}."
    return f"{hint}{advice_sentence(advice, prices)} {measured}"


def speed(run: Run) -> str:
    """Which side is faster, by the ratio of each engine's warm pairs, and whether the engine is worth more.

    Begins with "No verdict" where none can be given, and says why.
    """
    if run.deployment is None or len(sides(run)) < len(("local", "remote")):
        return f"{_NONE}: it takes answers of both sides."
    if found := agreement(run):
        return f"{_NONE}: the two sides classify differently in {len(found)} pair{'' if len(found) == 1 else 's'}."
    told = engines_told(run)
    pairs = {engine: paired(run, engine=engine) for engine in told}
    ratios = {engine: paired_ratio(each.remote, each.local, each.images) for engine, each in pairs.items()}
    judged = [_clause(run, engine, ratio) for engine, ratio in ratios.items() if ratio is not None and ratio.interval]
    if not judged:
        more = "resnet-bench compare IMAGE --runs 60" if run.settings.command == "serve" else "--runs 60"
        return f"{_NONE}: it takes {MIN_SAMPLES} warm pairs at least; try {more}."
    left_out = [engine for engine, ratio in ratios.items() if ratio is None or not ratio.interval]
    unjudged = [f"too few warm pairs to judge {', '.join(left_out)}"] if left_out else []
    more_engines = len(engines(run)) - len(told)
    others = (
        [f"{more_engines} more engine{' is' if more_engines == 1 else 's are'} in the tables"] if more_engines else []
    )
    clauses = "; ".join([*judged, *_cold(run, told), *unjudged, *others])
    decoded = "Decoding was the fast one, which is not exact." if run.settings.decode == "fast" else ""
    beside = "".join(f" {sentence}" for sentence in (engine_sentence(run), decoded) if sentence)
    return f"For warm calls, measured against {remote_in_short(run.deployment)}: {clauses}.{beside}"


def _clause(run: Run, engine: str, ratio: Ratio) -> str:
    interval = ratio.interval
    assert interval is not None  # noqa: S101 - only judged ratios come here
    shown = times(median(series(run, engine=engine, side=side).values) for side in sides(run))
    figures = f"{shown.texts[0]} against {shown.texts[1]} {shown.unit.name}, {ratio.n} pairs"
    if 1 in interval:
        between = f"{number(interval.low)} to {number(interval.high)}"
        return (
            f"with {named(engine)} neither side is clearly faster (Lambda's time over local: 95 % interval {between}, "
            f"which includes 1; {figures})"
        )
    faster, factor, low, high = "this machine", ratio.value, interval.low, interval.high
    if ratio.value < 1:
        faster, factor, low, high = "Lambda", 1 / ratio.value, 1 / interval.high, 1 / interval.low
    return (
        f"with {named(engine)} {faster} is {number(factor)} times as fast "
        f"(95 % interval {number(low)} to {number(high)}; {figures})"
    )


def _cold(run: Run, told: Sequence[str]) -> list[str]:
    """What a cold start costs on Lambda beyond a warm call of the same image: median, range, number."""
    costs = {engine: found for engine in told if (found := surcharges(run, engine))}
    if not costs:
        return []
    middles = [median(found) for found in costs.values()]
    unit = SECOND if max(middles) >= SECOND.base else time_unit(middles)
    listed = ", ".join(f"{_cost(found, unit)} with {named(engine)}" for engine, found in costs.items())
    return [f"a cold start on Lambda adds to a warm call {listed}"]


def _cost(found: tuple[float, ...], unit: Unit) -> str:
    """``0.54 s (0.50 to 0.61, 3 starts)``"""
    middle, low, high = times((median(found), min(found), max(found)), unit=unit).texts
    if len(found) == 1:
        return f"{middle} {unit.name} (1 start)"
    return f"{middle} {unit.name} ({low} to {high}, {len(found)} starts)"
