"""Which memory size to take, by what matters: cost, speed, or both.

``balanced`` is the lowest weighted geometric mean, time^w x cost^(1 - w) with w = 0.5. AWS Lambda Power Tuning adds
instead: both as fractions of the worst size tried, with the same weight of a half (lambda/analyzer.js, findBalanced). A
product needs no worst size: what is tried beside them does not change how two sizes compare, and the ratio of their
scores has an interval.

Sizes were measured on the same images in the same order, so that calls of one number are pairs. A size is as good as
the best where the interval of the ratio of both scores within pairs does not lie above 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_bench.analysis.sweep import Size
from resnet_bench.benchmark.ratios import Ratio, paired_ratio

Strategy = Literal["cost", "speed", "balanced"]
WEIGHT = 0.5


def _balanced(seconds: float, usd: float) -> float:
    return float(seconds**WEIGHT * usd ** (1 - WEIGHT))


# Lower is better.
SCORES: dict[Strategy, Callable[[float, float], float]] = {
    "cost": lambda _seconds, usd: usd,
    "speed": lambda seconds, _usd: seconds,
    "balanced": _balanced,
}


@dataclass(frozen=True)
class Rival:
    """Another size, and its score over that of the best: with an interval, or of too few pairs for one."""

    size: Size
    ratio: Ratio

    @property
    def as_good(self) -> bool:
        return self.ratio.interval is not None and self.ratio.interval.low <= 1


@dataclass(frozen=True)
class Choice:
    """``rivals`` are the other usable sizes that share pairs with the best, the nearest first."""

    strategy: Strategy
    best: Size
    rivals: tuple[Rival, ...]

    @property
    def as_good(self) -> tuple[Rival, ...]:
        return tuple(rival for rival in self.rivals if rival.as_good)


def choose(sizes: Sequence[Size], strategy: Strategy) -> Choice | None:
    """``None`` where no size works. By medians: of the client's warm times, and of what is billed."""
    scored = sorted(
        ((score, number, size) for number, size in enumerate(sizes) if (score := _score(size, strategy)) is not None),
        key=lambda each: each[:2],
    )
    if not scored:
        return None
    best = scored[0][2]
    found = (Rival(size, ratio) for *_, size in scored[1:] if (ratio := _ratio(size, best, strategy)) is not None)
    return Choice(strategy, best, tuple(sorted(found, key=lambda rival: rival.ratio.value)))


def _score(size: Size, strategy: Strategy) -> float | None:
    if not size.usable or size.warm is None or size.usd is None:
        return None
    return SCORES[strategy](size.warm.p50, size.usd)


def _ratio(size: Size, best: Size, strategy: Strategy) -> Ratio | None:
    score = SCORES[strategy]
    shared = sorted(size.calls.keys() & best.calls.keys())
    above, below = ([score(of.calls[pair].seconds, of.calls[pair].usd) for pair in shared] for of in (size, best))
    return paired_ratio(above, below, [best.calls[pair].image for pair in shared])
