"""Statistics of raw samples. Every function takes plain numbers and gives numbers with their uncertainty.

**Percentiles** interpolate linearly between the order statistics at rank ``1 + (n - 1) p`` (definition 7 of Hyndman and
Fan, "Sample Quantiles in Statistical Packages", 1996; numpy's default).

**Intervals of percentiles** are distribution-free: the true percentile lies between the l-th and the u-th smallest of n
independent samples with probability P(l <= B < u), B binomial(n, p) (David and Nagaraja, "Order Statistics", 7.1).
Latencies have long tails, so nothing here assumes a normal distribution. Over images of different size such an interval
spans the sizes, cautiously: the median lies between two clusters, where no bootstrap within images covers it. Look at
one image for less.

**Intervals of means** are percentile bootstraps with a fixed seed (Efron and Tibshirani, "An Introduction to the
Bootstrap", 13.3): the same samples always give the same interval.

**Strata**: a run over several images has a fixed number of calls for each, by design. Resampling then happens within
each image, since which image came how often was never left to chance; an interval that took the images for random would
report their different sizes as uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from resnet_bench.benchmark.resampling import Floats, Groups, Strata, groups_of, resamples_of

LEVEL = 0.95
# Below six samples not even the whole range is a 95 % interval of the median (2 x 0.5^5 = 6.25 %); a bootstrap
# of so few would only look like one.
MIN_SAMPLES = 6


@dataclass(frozen=True)
class Interval:
    """The true value lies within, both ends included, in ``LEVEL`` of such experiments."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Summary:
    """Of ``n`` samples, in their unit. An interval is ``None`` where n is too small for one to exist."""

    n: int
    p50: float
    p95: float
    p99: float
    min: float
    max: float
    mean: float
    p50_interval: Interval | None
    p95_interval: Interval | None
    p99_interval: Interval | None
    mean_interval: Interval | None


def summarise(values: Sequence[float], strata: Strata = None) -> Summary | None:
    """Everything that a table row shows, or ``None`` of no samples."""
    if not values:
        return None
    p50, p95, p99 = (float(p) for p in np.percentile(values, (50, 95, 99)))
    return Summary(
        n=len(values),
        p50=p50,
        p95=p95,
        p99=p99,
        min=min(values),
        max=max(values),
        mean=float(np.mean(values)),
        p50_interval=percentile_interval(values, 50),
        p95_interval=percentile_interval(values, 95),
        p99_interval=percentile_interval(values, 99),
        mean_interval=mean_interval(values, strata),
    )


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the middle two. Needs at least one."""
    return float(np.median(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """The ``percent``-th percentile, 0 to 100, by this module's definition. Needs at least one value."""
    return float(np.percentile(values, percent))


def percentile_interval(values: Sequence[float], percent: float, level: float = LEVEL) -> Interval | None:
    """The interval between two of the values that covers the true percentile with probability ``level`` or more.

    Each tail gets half of what may be missed; where one tail has too few samples for that (p95 of 60), the
    interval ends at the extreme and the other tail gets what is left. ``None`` if even the whole range covers too
    little: below 6 samples for a median, 59 for p95, 299 for p99 (level 0.95).
    """
    n = len(values)
    ranks = _ranks(n, percent / 100, level)
    if ranks is None:
        return None
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    low, high = ranks
    return Interval(float(ordered[low - 1]), float(ordered[high - 1]))


@lru_cache
def _ranks(n: int, p: float, level: float) -> tuple[int, int] | None:
    """1-based ranks (l, u) with P(l <= B < u) >= level for B binomial(n, p)."""
    if n == 0 or not 0 < p < 1:
        return None
    below = np.cumsum(_binomial(n, p))  # below[k] = P(B <= k)
    missable = 1 - level
    # The smallest u with P(B >= u) within its half; rank n where there is none.
    high = min(int(np.searchsorted(below, 1 - missable / 2)) + 1, n)
    above = 1 - float(below[high - 1])
    # The largest l with P(B <= l - 1) within what is left, but at least rank 1.
    room = missable - above if above > missable / 2 else missable / 2
    low = max(int(np.searchsorted(below, room, side="right")), 1)
    missed_below = float(below[low - 1])
    if missed_below > missable / 2:
        # The lower tail is the short one: the upper gets what is left.
        high = min(int(np.searchsorted(below, 1 - (missable - missed_below))) + 1, n)
        above = 1 - float(below[high - 1])
    return (low, high) if missed_below + above <= missable + 1e-12 else None


def _binomial(n: int, p: float) -> Floats:
    """P(B = k) for k = 0..n, by logarithms, which neither overflow nor vanish."""
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    k = np.arange(n + 1)
    logs = log_factorial[n] - log_factorial[k] - log_factorial[n - k] + k * math.log(p) + (n - k) * math.log1p(-p)
    return np.asarray(np.exp(logs))


def mean_interval(values: Sequence[float], strata: Strata = None) -> Interval | None:
    """Bootstrap interval of the mean, or ``None`` below ``MIN_SAMPLES``."""
    if len(values) < MIN_SAMPLES:
        return None
    return _between(_resampled_means(np.asarray(values, dtype=np.float64), groups_of(len(values), strata)))


def _resampled_means(values: Floats, groups: Groups) -> Floats:
    each = [values[list(group)] for group in groups]
    # A matrix product would convert all counts first, and wake BLAS's threads for a millisecond's work.
    sums = [
        sum(np.einsum("i,ij->j", one, counts) for one, counts in zip(each, batch, strict=True))
        for batch in resamples_of(groups)
    ]
    means: Floats = np.concatenate(sums) / len(values)
    return means


def _between(resampled: Floats) -> Interval:
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(resampled, (tail, 100 - tail))
    return Interval(float(low), float(high))
