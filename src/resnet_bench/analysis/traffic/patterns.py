"""Patterns of traffic: steady, bursty, office hours. Their parameters are assumptions, and each says its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from resnet_bench.analysis.traffic.arrivals import (
    BATCHES,
    CHUNK,
    MOST,
    Arrivals,
    Chunk,
    Floats,
    Indices,
    enough_s,
    poisson,
)
from resnet_bench.errors import UsageError

_HOUR_S = 3600.0
_DAY_HOURS = 24
_WEEK_HOURS = 7 * _DAY_HOURS
# A burst's mean length, and the mean quiet time between two. At five times the mean rate for a tenth of the time,
# bursts hold half of all requests.
_BURST_S = 60.0
_QUIET_S = 540.0
# So many bursts, if that is not too many requests: with fewer the mean rate itself would be a matter of chance.
_BURSTS = 150
_BURST_SHARE = _BURST_S / (_BURST_S + _QUIET_S)
_IN_BURST = 5.0
_IN_QUIET = (1 - _BURST_SHARE * _IN_BURST) / (1 - _BURST_SHARE)
# Each hour's rate on a weekday, of that in the busiest; at weekends it is the nights' all day.
_NIGHT = 0.05
_WEEKDAY = (*[_NIGHT] * 7, 0.3, 0.7, 1.0, 1.0, 1.0, 0.8, 1.0, 1.0, 1.0, 1.0, 0.7, 0.3, *[_NIGHT] * 5)
_WEEKEND = (_NIGHT,) * _DAY_HOURS
_WEEK = np.array(_WEEKDAY * 5 + _WEEKEND * 2)
_SHAPE = _WEEK / _WEEK.mean()
# An hour that is represented by less would be over before an environment expires or a server has started.
_SHORTEST_HOUR_S = 300.0


@dataclass(frozen=True)
class Steady:
    """A Poisson process: a given number of clients at any time, none of whom knows of another."""

    rate: float
    stands_for_s: float

    @property
    def description(self) -> str:
        return "steady: Poisson arrivals at a constant rate"

    def chunks(self, rng: np.random.Generator) -> Iterator[Chunk]:
        batch_s = self.stands_for_s / BATCHES
        parts = max(1, int(np.ceil(self.rate * batch_s / CHUNK)))
        edges = np.linspace(0.0, batch_s * (BATCHES + 1), parts * (BATCHES + 1) + 1)
        for number, (begin_s, end_s) in enumerate(pairwise(edges)):
            times = poisson(rng, np.array([begin_s]), np.array([end_s - begin_s]), np.array([self.rate]))
            batch = number // parts - 1
            batches = np.full(len(times), max(batch, 0), dtype=np.int64)
            yield Chunk(begin_s, end_s, times, batches, 0.0 if batch < 0 else 1.0)


@dataclass(frozen=True)
class Bursty:
    """A Markov-modulated Poisson process of two states, whose lengths are exponential."""

    rate: float
    stands_for_s: float

    @property
    def description(self) -> str:
        return (
            f"bursty: half of all requests come in bursts, at {_IN_BURST:.0f} times the mean rate, "
            f"of {_BURST_S:.0f} s every {_BURST_S + _QUIET_S:.0f} s (means)"
        )

    def chunks(self, rng: np.random.Generator) -> Iterator[Chunk]:
        batch_s = self.stands_for_s / BATCHES
        for edges, rates in self._states(rng, batch_s):
            times = poisson(rng, edges[:-1], np.diff(edges), rates * self.rate)
            batches = np.floor(times / batch_s).astype(np.int64) - 1
            weight = 0.0 if edges[0] < batch_s else 1.0
            yield Chunk(float(edges[0]), float(edges[-1]), times, np.clip(batches, 0, BATCHES - 1), weight)

    def _states(self, rng: np.random.Generator, batch_s: float) -> Iterator[tuple[Floats, Floats]]:
        """Where states begin and end, and the relative rate in each; cut where the warm-up of one batch ends."""
        cycles = int(np.clip(CHUNK / (self.rate * (_QUIET_S + _BURST_S)), 1, CHUNK))
        rates = np.tile([_IN_QUIET, _IN_BURST], cycles)
        end_s = batch_s * (BATCHES + 1)
        begin_s = 0.0
        while begin_s < end_s:
            lengths = rng.exponential(np.tile([_QUIET_S, _BURST_S], cycles))
            edges = np.minimum(begin_s + np.concatenate(([0.0], np.cumsum(lengths))), end_s)
            if edges[0] < batch_s < edges[-1]:
                cut = int(np.searchsorted(edges, batch_s))
                yield np.append(edges[:cut], batch_s), rates[:cut]
                yield np.insert(edges[cut:], 0, batch_s), rates[cut - 1 :]
            else:
                yield edges, rates
            begin_s = float(edges[-1])


@dataclass(frozen=True)
class OfficeHours:
    """A Poisson process whose rate follows the hours of a working week.

    ``weeks`` whole weeks, or with 0 one weekday and one day of the weekend that stand for the week, of whose hours only
    the first ``hour_s`` are simulated. A batch is a twentieth of every hour.
    """

    rate: float
    weeks: int
    hour_s: float = _HOUR_S

    @property
    def stands_for_s(self) -> float:
        return max(1, self.weeks) * _WEEK_HOURS * _HOUR_S

    @property
    def description(self) -> str:
        shape = (
            f"office hours: {_SHAPE.max():.1f} times the mean rate on weekdays from 9 to 17, "
            f"{_SHAPE.min():.2f} times at night and at weekends"
        )
        if self.weeks:
            return shape
        minutes = f"{self.hour_s / 60:.0f} minutes for an hour"
        return f"{shape}; a weekday and a day of the weekend stand for the week, {minutes}"

    def chunks(self, rng: np.random.Generator) -> Iterator[Chunk]:
        return self._whole_weeks(rng) if self.weeks else self._two_days(rng)

    def _whole_weeks(self, rng: np.random.Generator) -> Iterator[Chunk]:
        hours = self.weeks * _WEEK_HOURS
        at_once = int(np.clip(CHUNK / (self.rate * _SHAPE.max() * _HOUR_S), 1, CHUNK))
        for first in range(0, hours, at_once):
            numbers = np.arange(first, min(first + at_once, hours))
            yield self._chunk(rng, numbers, _SHAPE[numbers % _WEEK_HOURS], 1.0)

    def _two_days(self, rng: np.random.Generator) -> Iterator[Chunk]:
        # The first hour of a night warms up: nights are alike.
        hours = [(0.0, _SHAPE[-1]), *((5.0, rate) for rate in _SHAPE[:_DAY_HOURS])]
        hours += [(2.0, rate) for rate in _SHAPE[-_DAY_HOURS:]]
        for number, (days, rate) in enumerate(hours):
            yield self._chunk(rng, np.array([number]), np.array([rate]), days * _HOUR_S / self.hour_s)

    def _chunk(self, rng: np.random.Generator, numbers: Indices, rates: Floats, weight: float) -> Chunk:
        starts = numbers.astype(np.float64) * self.hour_s
        times = poisson(rng, starts, np.full(len(numbers), self.hour_s), rates * self.rate)
        within = np.floor(times % self.hour_s * (BATCHES / self.hour_s)).astype(np.int64)
        return Chunk(float(starts[0]), float(starts[-1] + self.hour_s), times, np.minimum(within, BATCHES - 1), weight)


def _office_hours(rate: float) -> OfficeHours:
    week_s = _WEEK_HOURS * _HOUR_S
    if rate * week_s <= MOST:
        return OfficeHours(rate, int(np.ceil(enough_s(rate) / week_s)))
    mean = (_SHAPE[:_DAY_HOURS].sum() + _SHAPE[-_DAY_HOURS:].sum()) * rate
    return OfficeHours(rate, 0, float(np.clip(MOST / mean, _SHORTEST_HOUR_S, _HOUR_S)))


_PATTERNS: dict[str, Callable[[float], Arrivals]] = {
    "steady": lambda rate: Steady(rate, enough_s(rate)),
    "bursty": lambda rate: Bursty(rate, max(enough_s(rate), min(_BURSTS * (_BURST_S + _QUIET_S), 2 * MOST / rate))),
    "office-hours": _office_hours,
}
PATTERNS = tuple(_PATTERNS)


def pattern(name: str, rate: float) -> Arrivals:
    """As much of the pattern at ``rate`` requests a second as percentiles need.

    Raises:
        UsageError: there is no such pattern.
    """
    if name not in _PATTERNS:
        raise UsageError(
            f"no traffic pattern is named {name}", f"one of {', '.join(PATTERNS)}, or a file of timestamps"
        )
    return _PATTERNS[name](rate)
