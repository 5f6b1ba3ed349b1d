"""Bootstrap resamples: positions drawn with replacement within each stratum, always the same for the same strata."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
# One label for each value; ``None``: all alike.
Strata = Sequence[Hashable] | None
# The positions of each stratum.
Groups = tuple[tuple[int, ...], ...]

RESAMPLES = 10_000
# With fewer in a stratum, resampling within it would vary too little; all values are then taken as alike, which is
# cautious.
MIN_STRATUM = 4
_SEED = 20_240_607
# Numbers drawn at once: bounds memory to some tens of MB however many samples there are.
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


def resample(values: Floats, groups: Groups, statistic: Callable[[Floats], Floats], *, stream: int = 0) -> Floats:
    """``statistic`` of each of ``RESAMPLES`` resamples of ``values``; it gets them as the rows of a matrix.

    In a row the groups stand one after the other, each with as many values as it has positions.

    Two series resampled with the same ``groups`` and ``stream`` are drawn together, pair by pair; with another
    ``stream`` independently.
    """
    return np.concatenate([statistic(values[rows]) for rows in _draws(groups, stream)])


def _draws(groups: Groups, stream: int) -> Iterator[Indices]:
    n = sum(map(len, groups))
    if n * RESAMPLES <= _BATCH:
        yield _kept(groups, stream, RESAMPLES)
        return
    rng = np.random.default_rng((_SEED, stream))
    rows = max(1, _BATCH // n)
    for done in range(0, RESAMPLES, rows):
        yield _draw(rng, groups, min(rows, RESAMPLES - done))


@lru_cache(maxsize=2)
def _kept(groups: Groups, stream: int, rows: int) -> Indices:
    """All of a report's series have the same strata, so that most are resampled with the same draw."""
    return _draw(np.random.default_rng((_SEED, stream)), groups, rows)


def _draw(rng: np.random.Generator, groups: Groups, rows: int) -> Indices:
    """As many positions from every group as the group has, in ``rows`` rows."""
    return np.concatenate(
        [np.asarray(group)[rng.integers(0, len(group), (rows, len(group)))] for group in groups], axis=1
    )
