"""Estimates that know how they vary together: sums and shares of differences that were measured on the same pairs.

Each estimate is the mean over the images of an image's median (``benchmark.middles``), and carries its value in every
bootstrap resample. All estimates of one ``Pairing`` are resampled with the same draws of pairs, so that what is made of
them (a sum, what a sum leaves over, a share) has its own interval, and none is added up from theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resnet_bench.benchmark.middles import about, middle, resampled
from resnet_bench.benchmark.resampling import Floats, Strata, groups_of
from resnet_bench.benchmark.stats import LEVEL, MIN_SAMPLES, Interval

# Percentiles between which ``LEVEL`` of the resamples lie.
_ENDS = (50 * (1 - LEVEL), 50 * (1 + LEVEL))


@dataclass(frozen=True)
class Share:
    """A fraction of a whole. Its interval is of percentiles, which a resample with hardly any whole does not move."""

    value: float
    interval: Interval


@dataclass(frozen=True, eq=False)
class Estimate:
    """``value`` of ``n`` pairs; ``resampled`` is ``None`` where they are too few for an interval to exist."""

    value: float
    n: int
    resampled: Floats | None = None

    @property
    def interval(self) -> Interval | None:
        return None if self.resampled is None else about(self.value, self.resampled)

    def __add__(self, other: Estimate) -> Estimate:
        return self._with(self.value + other.value, other, np.add)

    def __sub__(self, other: Estimate) -> Estimate:
        return self._with(self.value - other.value, other, np.subtract)

    def share_of(self, whole: Estimate) -> Share | None:
        """The fraction of ``whole`` that this is, negative where it points the other way.

        ``None`` unless the whole is certain to differ from 0: a share of what may be nothing says nothing.
        """
        if self.resampled is None or whole.resampled is None or not whole.certain:
            return None
        low, high = np.percentile(self.resampled / whole.resampled, _ENDS)
        return Share(self.value / whole.value, Interval(float(low), float(high)))

    @property
    def certain(self) -> bool:
        """Whether it differs from 0: by its interval, and by the middle of its resamples."""
        interval = self.interval
        if interval is None or self.resampled is None or 0 in interval:
            return False
        low, high = np.percentile(self.resampled, _ENDS)
        return bool(low > 0 or high < 0)

    def _with(self, value: float, other: Estimate, change: np.ufunc) -> Estimate:
        both = None if self.resampled is None or other.resampled is None else change(self.resampled, other.resampled)
        return Estimate(value, min(self.n, other.n), both)


class Pairing:
    """``images`` has the image of each pair; the values that are estimated have one number for each pair."""

    def __init__(self, images: Sequence[str]) -> None:
        strata: Strata = images
        self.n = len(images)
        self._groups = groups_of(self.n, strata)

    def estimate(self, values: Sequence[float]) -> Estimate:
        """
        Raises:
            ValueError: not as many values as pairs, or none.
        """
        if len(values) != self.n or not self.n:
            raise ValueError(f"{len(values)} values for {self.n} pairs")
        numbers = np.asarray(values, dtype=np.float64)
        value = middle(numbers, self._groups)
        enough = self.n >= MIN_SAMPLES
        return Estimate(value, self.n, resampled(numbers, self._groups) if enough else None)

    def difference(self, upper: Sequence[float], lower: Sequence[float]) -> Estimate:
        """Of ``upper`` less ``lower`` within each pair: what moved both of a pair cancels."""
        return self.estimate([above - below for above, below in zip(upper, lower, strict=True)])


def together(values: Sequence[Estimate]) -> Estimate:
    """The sum of one estimate or more of the same pairs."""
    first, *others = values
    for other in others:
        first = first + other
    return first
