"""How often something happens, out of how often it could: a share with its interval.

**Intervals** are exact (Clopper and Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the
Binomial", Biometrika 26, 1934): the true share lies within in ``LEVEL`` of such experiments or more, also where nothing
was seen to fail, and they take calls to fail independently of each other. A network that is away fails many in a row:
of such a run they say less than they seem to.
"""

from __future__ import annotations

import math

import numpy as np

from resnet_bench.benchmark.stats import LEVEL, Interval

# Halvings of [0, 1]: more than a double has digits.
_HALVINGS = 60


def share_interval(count: int, n: int) -> Interval:
    """Of ``count`` out of ``n``.

    Raises:
        ValueError: not so many could be.
    """
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"{count} of {n} is no share")
    tail = (1 - LEVEL) / 2
    low = 0.0 if count == 0 else _where(count - 1, n, 1 - tail)
    high = 1.0 if count == n else _where(count, n, tail)
    return Interval(low, high)


def _where(count: int, n: int, chance: float) -> float:
    """The share of which ``count`` or fewer of ``n`` are seen with this chance, which falls as the share grows."""
    k = np.arange(count + 1)
    steps = np.concatenate(([0.0], np.cumsum(np.log((n - k[:-1]) / (k[:-1] + 1)))))
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        terms = steps + k * math.log(share) + (n - k) * math.log1p(-share)
        if float(np.exp(terms).sum()) > chance:
            low = share
        else:
            high = share
    return (low + high) / 2
