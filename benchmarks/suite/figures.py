"""The common record: what was measured, against which goal, and how sure it is.

A group of goals is a module with one function, ``figures(rounds, progress) -> list[Finding]``, where ``rounds`` says
how often its subjects take turns. What could not be measured is a ``Figure`` whose value is ``Skipped(reason)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import Interval, median, percentile_interval
from resnet_bench.results.records import Agreement, Skipped

# Seconds, bytes, operations a second; a ratio has none.
Unit = Literal["s", "B", "FLOP/s", "ratio"]


class Goal(Struct, frozen=True):
    """``limit`` is the most that a value should be, with ``at_least`` the least."""

    limit: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


class Reading(Struct, frozen=True):
    """The median of one subject by itself, which a ratio does not tell."""

    name: str
    value: float
    unit: Unit


class Figure(Struct, frozen=True, kw_only=True):
    """``interval`` is at 95 %, ``None`` of too few values; ``n`` counts them, or the pairs of a ratio.

    A figure without a goal is told beside those that have one.
    """

    what: str
    unit: Unit
    value: float | Skipped
    interval: Interval | None = None
    n: int = 0
    goal: Goal | None = None
    medians: tuple[Reading, ...] = ()

    @property
    def met(self) -> bool | None:
        """``None`` without a goal or a value."""
        if self.goal is None or isinstance(self.value, Skipped):
            return None
        return self.goal.met_by(self.value)

    @property
    def certain(self) -> bool:
        """Whether all of the interval, where there is one, says of the goal what the value says."""
        if self.goal is None or self.interval is None:
            return True
        return self.goal.met_by(self.interval.low) == self.goal.met_by(self.interval.high) == self.met


class Check(Struct, frozen=True, kw_only=True):
    """Something that has to hold whatever the machine; ``found`` says what was compared, and with which outcome."""

    what: str
    holds: bool
    found: str


# An agreement stands beside the speed that it was given up for.
Finding = Figure | Check | Agreement


class Series(Struct, frozen=True):
    """What one subject took in each round."""

    name: str
    values: Sequence[float]
    unit: Unit = "s"

    def reading(self) -> Reading:
        return Reading(self.name, median(self.values), self.unit)


def compared(what: str, above: Series, below: Series, goal: Goal | None = None) -> Figure:
    """The ratio of two series that took turns, pair by pair."""
    ratio = paired_ratio(above.values, below.values)
    if ratio is None:
        return missing(what, Skipped("there were no pairs"), goal)
    return Figure(
        what=what,
        unit="ratio",
        value=ratio.value,
        interval=ratio.interval,
        n=ratio.n,
        goal=goal,
        medians=(above.reading(), below.reading()),
    )


def alone(what: str, series: Series, goal: Goal | None = None) -> Figure:
    """The median of one series."""
    return Figure(
        what=what,
        unit=series.unit,
        value=median(series.values),
        interval=percentile_interval(series.values, 50),
        n=len(series.values),
        goal=goal,
    )


def missing(what: str, reason: Skipped, goal: Goal | None = None) -> Figure:
    """What was not measured, and why."""
    return Figure(what=what, unit="ratio", value=reason, goal=goal)
