"""One sentence on a load test: how much each side carries, and at how many callers that ends."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.analysis.capacity import LevelFigures, SideCapacity
from resnet_bench.benchmark.checks.load import shares_cpus
from resnet_bench.benchmark.load import differing
from resnet_bench.report.captions import remote_in_short
from resnet_bench.report.names import named
from resnet_bench.results.run import Run
from resnet_bench.units import format_rate, number, times

_SHARED = (
    " Callers and server shared this machine's CPUs: read the figures as the least that a side can do, not as what "
    "it would do alone."
)


def capacity_verdict(run: Run, found: Sequence[SideCapacity]) -> str:
    """Begins with "No verdict" where none can be given, and says why."""
    if unlike := differing(run):
        return f"No verdict: the two sides classify differently in {len(unlike)} call{'' if len(unlike) == 1 else 's'}."
    judged = [_clause(run, side) for side in found if side.measured]
    if not judged:
        return "No verdict: no level was measured to its end."
    return f"With {named(found[0].engine)}, {'; '.join(judged)}.{_SHARED if any(shares_cpus(run)) else ''}"


def _clause(run: Run, side: SideCapacity) -> str:
    who = "the server here" if side.side == "local" or run.deployment is None else remote_in_short(run.deployment)
    knee, best = side.knee, side.best
    assert best is not None  # noqa: S101 - a level was measured
    if knee is not None:
        last = side.measured[-1]
        return f"{who} answers no more than about {_rate(knee)}, reached with {_callers(knee)}{_beyond(last)}"
    answers = f"{who} answers {_rate(best)} with {_callers(best)}"
    if any(level.throughput is None or level.throughput.interval is None for level in side.measured):
        return f"{answers}; where that ends cannot be told of so few answers (a longer --duration would)"
    if len(side.measured) == 1:
        return answers
    return f"{answers}, the most that were tried, and was still growing{_scaling(best)}"


def _rate(level: LevelFigures) -> str:
    rate = level.throughput
    assert rate is not None  # noqa: S101 - of measured levels only
    if rate.interval is None:
        return format_rate(rate.value)
    low, high = (format_rate(end) for end in (rate.interval.low, rate.interval.high))
    return f"{format_rate(rate.value)} (95 % interval {low} to {high})"


def _callers(level: LevelFigures) -> str:
    count = level.level.concurrency
    return "one caller" if count == 1 else f"{count} callers at once"


def _beyond(last: LevelFigures) -> str:
    """What more callers get, by the level with the most of them, which is not the one beyond which nothing grows."""
    at = f"at {last.level.concurrency}"
    if last.latency_s is None or last.refused_count > last.answered_count:
        return f", beyond which calls are refused ({last.refused_count:,} of {last.calls_count:,} {at})"
    shown = times((last.latency_s.p95,))
    return f", beyond which callers only wait longer (p95 {shown.texts[0]} {shown.unit.name} {at})"


def _scaling(level: LevelFigures) -> str:
    scaling = level.efficiency
    if scaling is None or scaling.interval is None:
        return ""
    low, high = number(scaling.interval.low), number(scaling.interval.high)
    return f" ({number(scaling.value)} of perfect scaling, {low} to {high})"
