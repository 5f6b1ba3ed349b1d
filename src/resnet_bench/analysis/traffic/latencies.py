"""Percentiles of any number of latencies in bounded memory: a histogram for each batch, on a logarithmic scale.

The idea of HdrHistogram: bins of equal relative width, so that a value is known within 0.5 % whatever its size; how
many there are is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from resnet_bench.analysis.traffic.arrivals import BATCHES, Floats, Indices
from resnet_bench.benchmark.stats import Interval

# Two neighbours differ by 1 %: a bin's geometric middle is within 0.5 % of everything in it.
_WIDTH = math.log(1.01)
_LOWEST_S = 1e-4
_BINS = math.ceil(math.log(1e8) / _WIDTH)
# Student's t for 95 %, two-sided, with one degree of freedom less than there are batches.
_T = 2.093


@dataclass(frozen=True)
class Estimate:
    """A simulated value with the simulation's own 95 % interval, ``None`` where there is no spread to know it by.

    It says how far another seed could lead; of how well the measured samples stand for the truth it knows nothing.
    """

    value: float
    interval: Interval | None


def estimate(value: float, of_batches: Floats) -> Estimate:
    """``value`` is of all batches together, and the batches' spread says how certain it is (sectioning: Asmussen and
    Glynn, "Stochastic Simulation", III.5). Batches without a value are left out."""
    known = of_batches[np.isfinite(of_batches)]
    if len(known) < BATCHES or not math.isfinite(value):
        return Estimate(value, None)
    half = _T * float(known.std(ddof=1)) / math.sqrt(len(known))
    return Estimate(value, Interval(max(0.0, value - half), value + half))


class Latencies:
    """Seconds, weighted, by batch."""

    def __init__(self) -> None:
        self._counts = np.zeros((BATCHES, _BINS))
        self._least_s, self._most_s = math.inf, 0.0

    def add(self, values: Floats, batches: Indices, weight: float) -> None:
        if not len(values):
            return
        bins = (np.log(np.maximum(values, _LOWEST_S) / _LOWEST_S) / _WIDTH).astype(np.int64)
        places = batches * _BINS + np.minimum(bins, _BINS - 1)
        self._counts += weight * np.bincount(places, minlength=BATCHES * _BINS).reshape(BATCHES, _BINS)
        self._least_s = min(self._least_s, float(values.min()))
        self._most_s = max(self._most_s, float(values.max()))

    def percentile(self, percent: float, never: Floats) -> Estimate:
        """``never`` counts, by batch, requests that got no answer at all: above every latency, so infinite."""
        whole = self._rank(self._counts.sum(axis=0), percent, float(never.sum()))
        return estimate(
            whole, np.array([self._rank(row, percent, more) for row, more in zip(self._counts, never, strict=True)])
        )

    def _rank(self, counts: Floats, percent: float, never: float) -> float:
        """NaN of no requests."""
        below = np.cumsum(counts)
        total = below[-1] + never
        if total == 0:
            return math.nan
        # Weights are no whole numbers: a millionth of a request decides nothing.
        rank = max(percent / 100 * total - 1e-6, 0.0)
        place = int(np.searchsorted(below, rank, side="right" if rank == 0 else "left"))
        if place >= _BINS:
            return math.inf
        middle_s = _LOWEST_S * math.exp((place + 0.5) * _WIDTH)
        return min(max(middle_s, self._least_s), self._most_s)
