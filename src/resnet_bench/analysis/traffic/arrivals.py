"""When requests arrive: chunks of sorted times, so that memory does not grow with their number.

How much is simulated follows from what the figures need and not from the days that are asked about: seldom requests are
simulated for years, so that a percentile has enough of them; frequent ones for a stretch of hours, whose cost is then
scaled. The simulated time is divided into batches, whose spread gives the simulation's own interval (batch means: Law,
"Simulation Modeling and Analysis", 9.5.3). Before the first comes a warm-up that is not counted: otherwise every figure
would contain the start from nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

BATCHES = 20
# A chunk's arrays take some tens of MB at most.
CHUNK = 100_000
# p99 of the fewest rests on 2000 requests, 100 a batch. Up to the most, at least hours are simulated, which hold the
# slow changes: environments that expire, bursts.
FEWEST = 200_000
MOST = 1_000_000
_LONG_S = 4 * 3600.0


@dataclass(frozen=True)
class Chunk:
    """Arrivals from ``begin_s`` to ``end_s``, sorted, with the batch of each.

    ``weight``: how many real requests (and seconds) one simulated request (and second) stands for; none in a warm-up.
    """

    begin_s: float
    end_s: float
    times: Floats
    batches: Indices
    weight: float = 1.0


class Arrivals(Protocol):
    """``rate`` is the mean, a second; ``stands_for_s`` the real time that all counted chunks together stand for."""

    @property
    def rate(self) -> float: ...

    @property
    def stands_for_s(self) -> float: ...

    @property
    def description(self) -> str:
        """The pattern, for a sentence."""
        ...

    def chunks(self, rng: np.random.Generator) -> Iterator[Chunk]: ...


def enough_s(rate: float) -> float:
    """How long to simulate so that percentiles mean something, and no longer than it takes."""
    return min(max(FEWEST, rate * _LONG_S), MOST) / rate


def poisson(rng: np.random.Generator, starts: Floats, lengths: Floats, rates: Floats) -> Floats:
    """Arrivals of a Poisson process whose rate is constant within each stretch; stretches follow one another."""
    counts = rng.poisson(rates * lengths)
    times = np.repeat(starts, counts) + rng.random(int(counts.sum())) * np.repeat(lengths, counts)
    times.sort()
    return times
