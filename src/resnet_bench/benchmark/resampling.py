"""Bootstrap resamples: drawn with replacement within each stratum, always the same for strata of the same sizes.

A resample is kept as how often each value is in it. That is the same for all series of such strata, so that it is drawn
once for a whole report; a median then takes sums of small whole numbers, and no sorting of each resample.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# One label for each value; ``None``: all alike.
Strata = Sequence[Hashable] | None
# The positions of each stratum.
Groups = tuple[tuple[int, ...], ...]
# How often a stratum's i-th value is in the b-th resample.
Counts = NDArray[np.unsignedinteger]

RESAMPLES = 10_000
# With fewer in a stratum, resampling within it would vary too little; all values are then taken as alike, which is
# cautious.
MIN_STRATUM = 4
_SEED = 20_240_607
# More values than a thousand get fewer resamples, so that no interval takes more numbers than this, or the fewest.
_DRAWS = 10_000_000
# Enough to read the ends of an interval off them (Efron and Tibshirani, "An Introduction to the Bootstrap", 19.3).
_FEWEST = 1_000
# Numbers drawn at once, which bounds memory to some tens of MB however many samples there are.
_BATCH = 2_000_000


def positions(n: int, strata: Strata) -> dict[Hashable, tuple[int, ...]]:
    """Where each stratum's values stand, by its label; without strata all under ``None``."""
    by_label: dict[Hashable, list[int]] = {}
    for position, label in enumerate(repeat(None, n) if strata is None else strata):
        by_label.setdefault(label, []).append(position)
    return {label: tuple(found) for label, found in by_label.items()}


def groups_of(n: int, strata: Strata) -> Groups:
    """All positions in one group where there are no strata, or one is too small."""
    groups = tuple(positions(n, strata).values())
    return groups if all(len(group) >= MIN_STRATUM for group in groups) else (tuple(range(n)),)


def resamples_of(groups: Groups, stream: int = 0) -> Iterator[tuple[Counts, ...]]:
    """All resamples, some at a time: one matrix for each group, with a column for each resample.

    There are ``RESAMPLES``, and fewer of more than a thousand values. Groups of the same sizes are drawn alike, so that
    two series of pairs are resampled pair by pair; with another ``stream`` independently.
    """
    sizes = tuple(map(len, groups))
    n = sum(sizes)
    count = min(RESAMPLES, max(_FEWEST, _DRAWS // n))
    return iter(_kept(sizes, stream, count)) if n * count <= _DRAWS else _drawn(sizes, stream, count)


# Most series of a report have strata of the same sizes.
@lru_cache(maxsize=4)
def _kept(sizes: tuple[int, ...], stream: int, count: int) -> tuple[tuple[Counts, ...], ...]:
    return tuple(_drawn(sizes, stream, count))


def _drawn(sizes: tuple[int, ...], stream: int, count: int) -> Iterator[tuple[Counts, ...]]:
    n = sum(sizes)
    rng = np.random.default_rng((_SEED, stream))
    at_once = count if n * count <= _BATCH else max(1, _BATCH // n)
    for done in range(0, count, at_once):
        yield tuple(_counts(rng, size, min(at_once, count - done)) for size in sizes)


def _counts(rng: np.random.Generator, size: int, count: int) -> Counts:
    """``count`` times as many of a group's positions as the group has."""
    drawn = rng.integers(0, size, (count, size))
    drawn *= count
    drawn += np.arange(count)[:, np.newaxis]
    counts: Counts = np.bincount(drawn.ravel(), minlength=size * count).astype(np.min_scalar_type(size))
    return counts.reshape(size, count)
