"""Whether the choice of the engine changes a warm call more than the choice of the side does."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_bench.benchmark.picks import engines
from resnet_bench.benchmark.ratios import Ratio, paired_ratio, unpaired_ratio
from resnet_bench.benchmark.series import paired, series
from resnet_bench.benchmark.stats import Interval, median
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run

_SIDES: tuple[Side, Side] = ("local", "remote")


@dataclass(frozen=True)
class Matter:
    """One choice as the times that it changes a warm call by: ``factor`` is ``slow`` over ``fast``, above 1.

    ``where`` is what was the same for both: the side, or the engine.
    """

    fast: str
    slow: str
    where: str
    factor: float
    interval: Interval


@dataclass(frozen=True)
class EngineChoice:
    """``engine`` is of the side on which it matters less, ``side`` of the engine with which it matters most."""

    engine: Matter
    side: Matter


def engine_choice(run: Run) -> EngineChoice | None:
    """``None`` unless the engine matters more for certain, wherever it runs: the intervals lie apart."""
    by_engine = [_engines_matter(run, side) for side in _SIDES]
    by_side = [_side_matters(run, engine) for engine in engines(run)]
    known_engines, known_sides = _all_known(by_engine), _all_known(by_side)
    if not known_engines or not known_sides:
        return None
    least = min(known_engines, key=lambda one: one.interval.low)
    most = max(known_sides, key=lambda one: one.interval.high)
    return EngineChoice(least, most) if least.interval.low > most.interval.high else None


def by_time(run: Run, side: Side) -> tuple[str, ...]:
    """The engines that answered warm calls there, the fastest first, by their medians."""
    times = {engine: series(run, engine=engine, side=side).values for engine in engines(run)}
    return tuple(sorted((name for name in times if times[name]), key=lambda name: median(times[name])))


def _all_known(found: list[Matter | None]) -> list[Matter]:
    """None of them, unless all are known: one that is not might be the larger."""
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else []


def _engines_matter(run: Run, side: Side) -> Matter | None:
    """The slowest engine there over the fastest, by their medians; their calls are no pairs of each other."""
    ordered = by_time(run, side)
    if len(ordered) < 2:  # noqa: PLR2004 - a choice takes two
        return None
    fast, slow = ordered[0], ordered[-1]
    below, above = (series(run, engine=engine, side=side) for engine in (fast, slow))
    return _matter(fast, slow, side, unpaired_ratio(above.values, below.values, above.images, below.images))


def _side_matters(run: Run, engine: str) -> Matter | None:
    pairs = paired(run, engine=engine)
    ratio = paired_ratio(pairs.remote, pairs.local, pairs.images)
    if ratio is None or ratio.value >= 1:
        return _matter("local", "remote", engine, ratio)
    return _matter("remote", "local", engine, paired_ratio(pairs.local, pairs.remote, pairs.images))


def _matter(fast: str, slow: str, where: str, ratio: Ratio | None) -> Matter | None:
    if ratio is None or ratio.interval is None:
        return None
    return Matter(fast, slow, where, ratio.value, ratio.interval)
