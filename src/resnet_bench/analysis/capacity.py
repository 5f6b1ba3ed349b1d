"""What a load test found: throughput and latency at each level, how far they scale, and where that ends.

**Throughput** is the answers that arrived in the window over its length, with an interval by batch means: the window is
cut into ten equal stretches, whose throughputs are taken for independent (Law, "Simulation Modeling and Analysis",
9.5.3). It is never narrower than one answer more or less in the window.

**Ratios** of throughputs have an interval by the delta method on their logarithm, for two independent levels.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from resnet_bench.benchmark.load import refused
from resnet_bench.benchmark.stats import Interval, Summary, summarise
from resnet_bench.results.levels import LoadClients, LoadLevel
from resnet_bench.results.records import Answer, ClientTimes, Failed, Sample, Side
from resnet_bench.results.run import Run

BATCHES = 10
# Of Student's distribution with 9 degrees of freedom, 97.5 %: for the mean of ten batches.
_T = 2.262157
# With fewer than three answers a batch, their scatter is that of counting and no interval is had of it.
MIN_ANSWERS = 3 * BATCHES


@dataclass(frozen=True)
class Uncertain:
    """A value and how well it is known: ``interval`` is ``None`` where it rests on too few answers to tell."""

    value: float
    interval: Interval | None = None

    def over(self, other: Uncertain) -> Uncertain:
        """The ratio of two that were measured apart."""
        if not self.value or not other.value or self.interval is None or other.interval is None:
            return Uncertain(self.value / other.value if other.value else math.nan)
        ratio = self.value / other.value
        wide = math.hypot(self._relative, other._relative)
        return Uncertain(ratio, Interval(ratio * math.exp(-wide), ratio * math.exp(wide)))

    @property
    def _relative(self) -> float:
        assert self.interval is not None  # noqa: S101 - asked for with one only
        return (self.interval.high - self.value) / self.value


@dataclass(frozen=True)
class LevelFigures:
    """One level. Counts are of the whole level, all else of the answers that arrived in its window.

    ``throughput`` is in answers per second, ``None`` where the level was not measured.

    ``latency_s`` is by the clients' clock, from the file on disk to the answer. ``cold_count`` of ``answered_count``
    answers met a fresh environment. ``drained_count`` calls were still on their way when the window ended. ``failures``
    has all but refusals, by the exception's name. ``efficiency`` is the throughput over as many times that of the
    side's lowest level as there are more clients: 1 if each is served as well as at that level.
    """

    level: LoadLevel
    throughput: Uncertain | None
    latency_s: Summary | None
    calls_count: int
    answered_count: int
    cold_count: int
    refused_count: int
    drained_count: int
    failures: Counter[str]
    efficiency: Uncertain | None = None

    @property
    def cold_share(self) -> float | None:
        """Of all answers of the level."""
        return self.cold_count / self.answered_count if self.answered_count else None


@dataclass(frozen=True)
class SideCapacity:
    """One engine on one side, by rising concurrency.

    ``knee`` is the lowest level beyond which no level's throughput is clearly higher; ``None`` where it was not
    reached, or cannot be told.
    """

    engine: str
    side: Side
    levels: tuple[LevelFigures, ...]

    @property
    def measured(self) -> tuple[LevelFigures, ...]:
        return tuple(each for each in self.levels if each.throughput is not None)

    @property
    def best(self) -> LevelFigures | None:
        """The level with the highest throughput."""
        return max(self.measured, key=lambda each: each.throughput.value if each.throughput else 0.0, default=None)

    @property
    def knee(self) -> LevelFigures | None:
        measured = self.measured
        for position, each in enumerate(measured[:-1]):
            grown = [_ratio(later, each).interval for later in measured[position + 1 :]]
            if None in grown:
                return None
            if all(interval is not None and interval.low <= 1 for interval in grown):
                return each
        return None


def capacity(run: Run) -> tuple[SideCapacity, ...]:
    """Each engine and side that the run has levels of, in the order measured."""
    samples: dict[tuple[str, Side, str], list[Sample]] = {}
    for sample in run.samples:
        samples.setdefault((sample.engine, sample.side, sample.variant), []).append(sample)
    sides: dict[tuple[str, Side], list[LevelFigures]] = {}
    for level in run.levels:
        own = samples.get((level.engine, level.side, level.variant), [])
        sides.setdefault((level.engine, level.side), []).append(_figures(level, own))
    return tuple(SideCapacity(engine, side, _scaled(found)) for (engine, side), found in sides.items())


def throughput(ended_s: Sequence[float], start_s: float, end_s: float) -> Uncertain:
    """Answers per second between ``start_s`` and ``end_s``, of those that arrived at ``ended_s``."""
    length_s = end_s - start_s
    counts, _ = np.histogram(ended_s, BATCHES, (start_s, end_s))
    value = float(counts.sum()) / length_s
    if counts.sum() < MIN_ANSWERS:
        return Uncertain(value)
    rates = counts * BATCHES / length_s
    half = max(_T * float(rates.std(ddof=1)) / math.sqrt(BATCHES), 1 / length_s)
    return Uncertain(value, Interval(max(0.0, value - half), value + half))


def _figures(level: LoadLevel, samples: Sequence[Sample]) -> LevelFigures:
    answers = [sample for sample in samples if isinstance(sample.outcome, Answer)]
    failed = [sample.outcome for sample in samples if isinstance(sample.outcome, Failed)]
    ends = [_ended_s(level, sample) for sample in answers]
    inside = [
        sample.client.total_s
        for sample, ended_s in zip(answers, ends, strict=True)
        if isinstance(sample.client, ClientTimes) and level.ramp_s <= ended_s <= level.duration_s
    ]
    measured = isinstance(level.clients, LoadClients) and level.duration_s > level.ramp_s
    return LevelFigures(
        level=level,
        throughput=throughput(ends, level.ramp_s, level.duration_s) if measured else None,
        latency_s=summarise(inside),
        calls_count=len(samples),
        answered_count=len(answers),
        cold_count=sum(isinstance(each.outcome, Answer) and each.outcome.identity.cold_start for each in answers),
        refused_count=sum(map(refused, failed)),
        drained_count=sum(ended_s > level.duration_s for ended_s in ends),
        failures=Counter(each.error for each in failed if not refused(each)),
    )


def _ended_s(level: LoadLevel, sample: Sample) -> float:
    """On the clients' clock: samples and level were dated by it."""
    if not isinstance(level.clients, LoadClients) or not isinstance(sample.client, ClientTimes):
        return math.inf
    begun = datetime.fromisoformat(sample.started_at) - datetime.fromisoformat(level.clients.began_at)
    return begun.total_seconds() + sample.client.total_s


def _scaled(levels: Sequence[LevelFigures]) -> tuple[LevelFigures, ...]:
    ordered = sorted(levels, key=lambda each: each.level.concurrency)
    lowest = next((each for each in ordered if each.throughput is not None and each.throughput.value), None)
    if lowest is None:
        return tuple(ordered)
    return tuple(
        each if each.throughput is None else replace(each, efficiency=_efficiency(each, lowest)) for each in ordered
    )


def _efficiency(each: LevelFigures, lowest: LevelFigures) -> Uncertain | None:
    if each is lowest:
        return None
    more = each.level.concurrency / lowest.level.concurrency
    ratio = _ratio(each, lowest)
    interval = ratio.interval
    return Uncertain(ratio.value / more, interval and Interval(interval.low / more, interval.high / more))


def _ratio(one: LevelFigures, other: LevelFigures) -> Uncertain:
    assert one.throughput is not None  # noqa: S101 - of measured levels only
    assert other.throughput is not None  # noqa: S101
    return one.throughput.over(other.throughput)
