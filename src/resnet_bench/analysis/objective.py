"""What is asked for, and whether a side's calls keep it: a latency, as in ``p95=500ms``, or errors, ``errors=1%``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from resnet_bench.benchmark.error_rates import ErrorRate
from resnet_bench.benchmark.picks import engines, sides
from resnet_bench.benchmark.series import series
from resnet_bench.benchmark.stats import Interval, percentile, percentile_interval
from resnet_bench.errors import UsageError
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import parse_duration

_FORM = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)=(.+)", re.ASCII)
_ERRORS = re.compile(r"errors=(\d{1,3}(?:\.\d{1,6})?) ?%", re.ASCII)
_LONGEST_S = 86_400.0  # a day
_HINT = "write a percentile and a time, as in p95=500ms or p99=1.5s"
_ALL = 100.0


@dataclass(frozen=True)
class Objective:
    """``percent`` of the calls (above 0, below 100) shall take no longer than ``limit_s``; ``text`` as it was asked."""

    percent: float
    limit_s: float
    text: str


@dataclass(frozen=True)
class ErrorObjective:
    """No more than ``share`` (a fraction) of all calls shall fail; ``text`` as it was asked."""

    share: float
    text: str

    def kept(self, rate: ErrorRate) -> bool:
        return rate.share <= self.share

    def certain(self, rate: ErrorRate) -> bool:
        """Whether the whole interval is on the same side of the limit as the rate itself."""
        return rate.interval.high <= self.share if self.kept(rate) else rate.interval.low > self.share


@dataclass(frozen=True)
class Judged:
    """One engine on one side against an objective: ``value_s`` is its percentile of ``n`` warm calls.

    ``interval`` is ``None`` where so few calls give none. The objective is kept if the percentile is within the limit,
    and certainly so, or certainly not, if the whole interval is on that side of it.
    """

    engine: str
    side: Side
    value_s: float
    interval: Interval | None
    n: int
    kept: bool
    certain: bool


def parse(text: str) -> Objective:
    """
    Raises:
        UsageError: not a percentile and a time.
    """
    match = _FORM.fullmatch(text.strip())
    try:
        percent, limit_s = (float(match[1]), parse_duration(match[2])) if match else (0.0, 0.0)
    except ValueError:
        percent, limit_s = 0.0, 0.0
    if percent <= 0 or not 0 < limit_s <= _LONGEST_S:
        raise UsageError(f"--slo is {text!r}, which is no objective", _HINT)
    return Objective(percent, limit_s, text.strip())


def parse_any(text: str) -> Objective | ErrorObjective:
    """
    Raises:
        UsageError: neither of latency nor of errors.
    """
    match = _ERRORS.fullmatch(text.strip())
    if match and float(match[1]) < _ALL:
        return ErrorObjective(float(match[1]) / _ALL, text.strip())
    if text.strip().startswith("errors"):
        raise UsageError(f"--slo is {text!r}, which is no objective", "write a share below all, as in errors=1%")
    return parse(text)


def judge(run: Run, objective: Objective) -> tuple[Judged, ...]:
    """Each engine and side that has a warm call, local first."""
    found = (
        _judged(engine, side, series(run, engine=engine, side=side).values, objective)
        for engine in engines(run)
        for side in sides(run)
    )
    return tuple(one for one in found if one is not None)


def _judged(engine: str, side: Side, values: Sequence[float], objective: Objective) -> Judged | None:
    if not values:
        return None
    value_s = percentile(values, objective.percent)
    interval = percentile_interval(values, objective.percent)
    kept = value_s <= objective.limit_s
    certain = interval is not None and (
        interval.high <= objective.limit_s if kept else interval.low > objective.limit_s
    )
    return Judged(engine, side, value_s, interval, len(values), kept, certain)
