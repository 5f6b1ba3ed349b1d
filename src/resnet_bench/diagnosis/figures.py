"""Series of values as the figures of a finding."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.benchmark.stats import median, percentile_interval
from resnet_bench.results.diagnosis import Measured, Unit
from resnet_bench.units import times

_SMALLEST = 0.001
# What removes most of the doubts; said in the same words, so that those doubts can be told together.
QUIET = "stop other work and measure again"


def middle(name: str, values: Sequence[float], unit: Unit) -> Measured:
    """Their median with its 95 % interval. Needs at least one."""
    interval = percentile_interval(values, 50)
    return Measured(
        name=name,
        value=median(values),
        unit=unit,
        n=len(values),
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
    )


def reading(name: str, value: float, unit: Unit) -> Measured:
    return Measured(name=name, value=value, unit=unit)


def percent(share: float) -> str:
    """For a sentence: ``96.7 %``; what is not nothing never reads as 0."""
    return "<0.1 %" if 0 < share < _SMALLEST else f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """For a sentence: ``1.24 ms``."""
    shown = times((seconds,))
    return f"{shown.texts[0]} {shown.unit.name}"
