"""From values to pixels, and the round values at which an axis is marked."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Of the powers of ten between two marks, the multiples that people count in.
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` onto pixels from ``start`` to ``end``, which may run backwards."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn: never outside, whatever the value."""
        if self.high <= self.low:
            return self.start
        share = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        return self.start + share * (self.end - self.start)


def from_zero(highest: float, start: float, end: float, *, marks: int = 4) -> tuple[Scale, tuple[float, ...]]:
    """A scale from 0 to a round value at or above ``highest``, and its marks, both ends among them.

    Bars and lines that begin at 0 keep their proportions: twice as long is twice as much.
    """
    step = round_step(highest / marks)
    count = max(1, math.ceil(highest / step * (1 - 1e-8)))
    return Scale(0.0, count * step, start, end), tuple(index * step for index in range(count + 1))


def round_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below ``rough``; 1 if that is not positive."""
    if not (rough > 0 and math.isfinite(rough)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(each * power for each in _STEPS if each * power >= rough * (1 - 1e-9))
