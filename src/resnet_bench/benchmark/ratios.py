"""Ratios of two series with their intervals, taken within each image (stratum).

The ratios of the images are averaged by logarithms, with equal weights. A ratio of two medians over images of different
size would compare whichever images happen to lie in the middle, and move with how often each came.

**Intervals** are those of ``middles``, of the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resnet_bench.benchmark.middles import about, middle, resampled
from resnet_bench.benchmark.resampling import MIN_STRATUM, Floats, Strata, groups_of, positions
from resnet_bench.benchmark.stats import MIN_SAMPLES, Interval


@dataclass(frozen=True)
class Ratio:
    """``n`` is the number of pairs, or the smaller of two unpaired counts; no interval below ``MIN_SAMPLES``."""

    value: float
    interval: Interval | None
    n: int


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float], strata: Strata = None) -> Ratio | None:
    """The median ratio of the pairs of each stratum, and the geometric mean of the strata with equal weights.

    The bootstrap draws *pairs* within each stratum: what moved both of a pair cancels. Where a stratum has fewer than
    ``MIN_STRATUM`` pairs, value and interval are those of the median over all pairs. ``None`` without pairs, or where a
    value is not positive.

    Raises:
        ValueError: not as many numerators as denominators.
    """
    if len(numerators) != len(denominators):
        raise ValueError(f"{len(numerators)} numerators and {len(denominators)} denominators are no pairs")
    above, below = _logarithms(numerators), _logarithms(denominators)
    if above is None or below is None:
        return None
    logs, groups = above - below, groups_of(len(above), strata)
    value = middle(logs, groups)
    interval = None if len(logs) < MIN_SAMPLES else _about(value, resampled(logs, groups))
    return Ratio(math.exp(value), interval, len(logs))


def unpaired_ratio(
    numerators: Sequence[float],
    denominators: Sequence[float],
    numerator_strata: Strata = None,
    denominator_strata: Strata = None,
) -> Ratio | None:
    """Median over median within each stratum of two independent series, and the geometric mean of those ratios.

    Each series is resampled by itself. Strata that are not in both, or have fewer than ``MIN_STRATUM`` values in
    either, do not count; where none has enough, the ratio is that of the shared ones and has no interval. ``None``
    without a shared stratum, or where a value is not positive.
    """
    above, below = _logarithms(numerators), _logarithms(denominators)
    if above is None or below is None:
        return None
    each = positions(len(above), numerator_strata), positions(len(below), denominator_strata)
    shared = [label for label in each[0] if label in each[1]]
    enough = [label for label in shared if all(len(side[label]) >= MIN_STRATUM for side in each)]
    sides = [
        (logs, tuple(side[label] for label in enough or shared))
        for logs, side in zip((above, below), each, strict=True)
    ]
    if not shared:
        return None
    upper, lower = (middle(logs, groups) for logs, groups in sides)
    n = min(sum(map(len, groups)) for _, groups in sides)
    interval = None
    if enough and n >= MIN_SAMPLES:
        first, second = (resampled(logs, groups, stream=stream) for stream, (logs, groups) in enumerate(sides))
        interval = _about(upper - lower, first - second)
    return Ratio(math.exp(upper - lower), interval, n)


def _logarithms(values: Sequence[float]) -> Floats | None:
    """``None`` of no values, or of such that have none."""
    found = np.asarray(values, dtype=np.float64)
    return np.log(found) if len(found) and found.min() > 0 else None


def _about(logarithm: float, logarithms: Floats) -> Interval:
    """The interval of a logarithm, as that of its number."""
    interval = about(logarithm, logarithms)
    return Interval(math.exp(interval.low), math.exp(interval.high))
