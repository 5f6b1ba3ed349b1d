"""Bootstrap resamples: positions drawn with replacement within each stratum, always the same for the same strata."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache

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


def groups_of(n: int, strata: Strata) -> Groups:
    """All positions in one group where there are no strata, or one is too small."""
    by_label: dict[Hashable, list[int]] = {}
    for position, label in enumerate(strata or ()):
        by_label.setdefault(label, []).append(position)
    if not by_label or min(map(len, by_label.values())) < MIN_STRATUM:
        return (tuple(range(n)),)
    return tuple(map(tuple, by_label.values()))


def resample(values: Floats, groups: Groups, statistic: Callable[[Floats], Floats], *, stream: int = 0) -> Floats:
    """``statistic`` of each of ``RESAMPLES`` resamples of ``values``; it gets them as the rows of a matrix.

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
