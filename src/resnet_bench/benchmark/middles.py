"""The middle of values over several images, and how sure it is: what ratios and differences are estimated by.

The estimate is the mean over the images, with equal weights, of each image's median: neither a slow call nor how often
an image came moves it.

**Intervals** are normal, with the standard error of a bootstrap within images and a fixed seed (Efron and Tibshirani,
"An Introduction to the Bootstrap", 13.2). Percentiles of the resamples would cover 98.6 % where an image has seven or
eight values: few order statistics carry such medians, and make them lopsided.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import NormalDist

import numpy as np

from resnet_bench.benchmark.resampling import Counts, Floats, Groups, resamples_of
from resnet_bench.benchmark.stats import LEVEL, Interval

# Standard errors to either side of an estimate in a normal interval of ``LEVEL``.
_ERRORS = NormalDist().inv_cdf((1 + LEVEL) / 2)


def middle(values: Floats, groups: Groups) -> float:
    """The estimate itself."""
    return float(np.mean([np.median(values[list(group)]) for group in groups]))


def resampled(values: Floats, groups: Groups, *, stream: int = 0) -> Floats:
    """The estimate of each resample."""
    each = [values[list(group)] for group in groups]
    return np.concatenate(
        [
            _mean([_medians(one, counts) for one, counts in zip(each, batch, strict=True)])
            for batch in resamples_of(groups, stream)
        ]
    )


def _medians(values: Floats, counts: Counts) -> Floats:
    """The median of each resample: where half of it has been counted, from the lowest value on."""
    order, n = np.argsort(values), len(values)
    reached = counts[order]
    for before, here in pairwise(reached):
        np.add(before, here, out=here)  # a fourth of the time of np.cumsum, which goes column by column
    below = ((reached <= rank).sum(axis=0, dtype=reached.dtype) for rank in ((n - 1) // 2, n // 2))
    lower, upper = (values[order[places]] for places in below)
    medians: Floats = (lower + upper) / 2
    return medians


def _mean(medians: list[Floats]) -> Floats:
    mean: Floats = np.mean(medians, axis=0)
    return mean


def about(estimate: float, resampled: Floats) -> Interval:
    """The normal interval; it lies about the estimate whatever the resamples."""
    half = _ERRORS * float(resampled.std())
    return Interval(estimate - half, estimate + half)
