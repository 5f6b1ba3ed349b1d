"""Rates of requests as people write them: ``1/h``, ``5/min``, ``100/s``, and ranges of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from resnet_bench.errors import UsageError

# Beyond it a simulation takes minutes, and questions other than this program's decide.
MOST_PER_S = 1000.0
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|min|h|d)", re.ASCII)
_EXAMPLE = "write it as 5/min, or a range as 1/h..100/s; the units are s, min, h and d"
_POINTS_PER_DECADE = 2
_FEWEST_POINTS = 5


@dataclass(frozen=True)
class Rates:
    """From ``low`` to ``high`` requests a second, which are the same for a single rate."""

    low: float
    high: float

    @property
    def grid(self) -> tuple[float, ...]:
        """Both ends, and evenly on a logarithmic scale what lies between."""
        if self.low == self.high:
            return (self.low,)
        decades = math.log10(self.high / self.low)
        steps = max(_FEWEST_POINTS, math.ceil(_POINTS_PER_DECADE * decades) + 1) - 1
        between = (self.low * 10 ** (decades * step / steps) for step in range(1, steps))
        return (self.low, *between, self.high)


def parse_rates(text: str) -> Rates:
    """
    Raises:
        UsageError: no rate above 0, or a range whose end lies below its beginning.
    """
    first, dots, last = text.partition("..")
    low = _rate(first, text)
    high = _rate(last, text) if dots else low
    if low > high:
        raise UsageError(f"--rate {text} ends below its beginning", f"swap them: {last.strip()}..{first.strip()}")
    return Rates(low, high)


def _rate(part: str, text: str) -> float:
    match = _RATE.fullmatch(part.strip())
    if match is None:
        raise UsageError(f"--rate {text} is not a rate of requests", _EXAMPLE)
    rate = float(match[1]) / _SECONDS[match[2]]
    if rate == 0:
        raise UsageError(f"--rate {text} is a rate of none", _EXAMPLE)
    if rate > MOST_PER_S:
        raise UsageError(f"--rate {text} is above {MOST_PER_S:,.0f}/s", "a plan is made for at most that many requests")
    return rate
