"""Doubts about the warm totals themselves: too few, drifting, scattered, of two kinds.

Large and small photographs take different times by nature. Where scatter or drift is judged, each value is
therefore divided by the median of its own image first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from resnet_bench.benchmark.ratios import unpaired_ratio
from resnet_bench.benchmark.series import Series, by_image, engines_and_sides, series
from resnet_bench.benchmark.stats import Interval, median, percentile_interval
from resnet_bench.results.run import Caveat, Run
from resnet_bench.units import times

MIN_RUNS = 20
# p99 lies within the last sample and the one before up to here.
TAIL_RUNS = 100
MAX_DRIFT = 0.10
MAX_RELATIVE_WIDTH = 0.20
# Samples beyond the median by this many deviations (1.4826 MAD: a standard deviation, were they normal) are outliers.
OUTLIER_DEVIATIONS = 5
MAX_OUTLIERS = 0.05
# Two groups that explain this share of the variance are two modes; a uniform distribution reaches 0.75, a normal 0.64.
TWO_MODES_EXPLAIN = 0.85
SMALLEST_MODE = 0.10
_MIN_PER_IMAGE = 3


def few_runs(run: Run) -> Iterator[Caveat]:
    few = {f"{engine} {side}": len(one.values) for engine, side, one in _totals(run) if len(one.values) < MIN_RUNS}
    if few:
        yield Caveat(
            code="few-runs",
            message="too few warm runs for steady figures: " + ", ".join(f"{n} of {where}" for where, n in few.items()),
            next_step=f"--runs {MIN_RUNS} at least, better --runs 60",
        )


def thin_tail(run: Run) -> Iterator[Caveat]:
    counts = {len(one.values) for _, _, one in _totals(run)}
    thin = sorted(n for n in counts if MIN_RUNS <= n < TAIL_RUNS)
    if thin:
        yield Caveat(
            code="thin-tail",
            message=f"p99 of {thin[0]} runs rests on the slowest one",
            next_step=f"--runs {TAIL_RUNS} or more; --runs 300 gives p99 an interval",
        )


def drift(run: Run) -> Iterator[Caveat]:
    for engine, side, one in _totals(run):
        values = _relative(one)
        half = len(values) // 2
        ratio = unpaired_ratio(values[half:], values[:half])
        if ratio is None or ratio.interval is None:
            continue
        if abs(ratio.value - 1) > MAX_DRIFT and 1 not in ratio.interval:
            yield Caveat(
                code="drift",
                message=f"{engine} {side}: the second half of the run took {ratio.value:.2f} times the first",
                next_step="look for other work or a hot CPU, raise --warmup, and measure again",
            )


def wide_interval(run: Run) -> Iterator[Caveat]:
    """Of each image by itself: over images of different size the median's interval spans the sizes."""
    counts: list[str] = []
    widest: tuple[float, str, Interval] | None = None
    for engine, side, one in _totals(run):
        judged = list(_widths(one))
        wide = [found for found in judged if found[0] > MAX_RELATIVE_WIDTH]
        if wide:
            counts.append(f"{len(wide)} of {len(judged)} of {engine} {side}")
            widest = max((widest or wide[0], *wide), key=lambda found: found[0])
    if widest is not None:
        _, image, interval = widest
        shown = times((interval.low, interval.high))
        yield Caveat(
            code="wide-interval",
            message=f"medians of single images known to no better than {MAX_RELATIVE_WIDTH:.0%}: {', '.join(counts)}; "
            f"the worst, of {image}, lies between {' and '.join(shown.texts)} {shown.unit.name}",
            next_step="more --runs, or fewer images",
        )


def _widths(one: Series) -> Iterator[tuple[float, str, Interval]]:
    """Of each image that has enough samples: its median's interval, and before it that interval's relative width."""
    for image, values in by_image(one).items():
        interval = percentile_interval(values, 50)
        if interval is not None:
            yield (interval.high - interval.low) / median(values), image, interval


def outliers(run: Run) -> Iterator[Caveat]:
    for engine, side, one in _totals(run):
        values = np.array(_relative(one))
        if len(values) < MIN_RUNS:
            continue
        deviation = 1.4826 * float(np.median(np.abs(values - np.median(values))))
        far = int((values > np.median(values) + OUTLIER_DEVIATIONS * max(deviation, 0.01)).sum())
        if far > MAX_OUTLIERS * len(values):
            yield Caveat(
                code="outliers",
                message=f"{engine} {side}: {far} of {len(values)} calls took far longer than the rest",
                next_step="read p95 and p99 with this in mind; stop other work and measure again",
            )


def two_modes(run: Run) -> Iterator[Caveat]:
    for engine, side, one in _totals(run):
        values = _relative(one)
        if len(values) < MIN_RUNS:
            continue
        low, high, explained = _best_split(np.sort(values))
        if explained > TWO_MODES_EXPLAIN and high > (1 + MAX_DRIFT) * low:
            yield Caveat(
                code="two-modes",
                message=f"{engine} {side}: calls come in two kinds, one {high / low:.2f} times as long as the other",
                next_step="no single figure describes both: look at the samples (--csv) for what sets them apart",
            )


def _totals(run: Run) -> Iterator[tuple[str, str, Series]]:
    for engine, side in engines_and_sides(run):
        yield engine, side, series(run, engine=engine, side=side)


def _relative(one: Series) -> list[float]:
    """Values over the median of their own image; images of too few samples to have one are left out."""
    middle = {image: median(values) for image, values in by_image(one).items() if len(values) >= _MIN_PER_IMAGE}
    return [value / middle[image] for value, image in zip(one.values, one.images, strict=True) if image in middle]


def _best_split(ordered: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    """Otsu's split: the means of the two groups and the share of the variance that lies between them."""
    n = len(ordered)
    total = float(ordered.var())
    smallest = max(1, int(SMALLEST_MODE * n))
    best = (1.0, 1.0, 0.0)
    for k in range(smallest, n - smallest + 1):
        low, high = float(ordered[:k].mean()), float(ordered[k:].mean())
        explained = k * (n - k) / n**2 * (high - low) ** 2 / total if total else 0.0
        if explained > best[2]:
            best = (low, high, explained)
    return best
