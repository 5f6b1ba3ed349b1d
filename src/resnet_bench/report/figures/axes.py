"""What the figures share: axes with their units, and what is told where one points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from resnet_bench.analysis.course import Moment
from resnet_bench.results.records import Sample
from resnet_bench.units import SECOND, Unit, number

# Nothing but this program's own words: a template may hold markup.
CALL = "%{customdata[0]}, %{customdata[1]}<br>%{customdata[2]}"
_LOG_MARGIN = 0.05
# From so many on, a unit is easier to read than the next smaller one.
_LONG, _AT_LEAST = (Unit("h", 3600.0), Unit("min", 60.0)), 5
_PAIRS = {"warm": "pair", "cold": "start", "warmup": "warm-up", "load": "call"}


def axis(title: str, unit: Unit | None = None, **more: Any) -> dict[str, Any]:
    """From 0, unless ``more`` says otherwise."""
    words = title if unit is None or not unit.name else f"{title}, {unit.name}"
    return {"title": {"text": words}, "rangemode": "tozero", **more}


def scaled(values: Iterable[float], unit: Unit) -> list[float]:
    return [value / unit.base for value in values]


def about(sample: Sample) -> list[str]:
    """For ``CALL``: the image, which of its kind the call was, and when it began."""
    time = sample.started_at.partition("T")[2][:12]
    return [sample.image, f"{_PAIRS[sample.phase]} {sample.pair + 1}", f"at {time}"]


def run_clock(found: Iterable[Moment]) -> Unit:
    """The unit for the moments of a run: a session of the page may last for hours."""
    length_s = max(one.at_s for one in found)
    return next((unit for unit in _LONG if length_s >= _AT_LEAST * unit.base), SECOND)


def run_axis(unit: Unit, **more: Any) -> dict[str, Any]:
    """The time since the run's first call."""
    return axis("since the run's first call", unit, rangemode="normal", zeroline=False, **more)


def log_axis(title: str, unit: Unit, values: Iterable[float], **more: Any) -> dict[str, Any]:
    """Marked at 1, 2 and 5 times the powers of ten. ``values`` are all that is drawn, positive and at least one."""
    found = list(values)
    powers = range(math.floor(math.log10(min(found))), math.ceil(math.log10(max(found))) + 1)
    marks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    texts = [number(mark, 1) for mark in marks]
    made = {**axis(title, unit, rangemode="normal"), "type": "log", "tickvals": marks, "ticktext": texts, **more}
    if sum(min(found) <= mark <= max(found) for mark in marks) < len(("low", "high")):
        # Values that lie close together would otherwise have a scale that says nothing.
        low, high = max(mark for mark in marks if mark <= min(found)), min(mark for mark in marks if mark >= max(found))
        made["range"] = [math.log10(low) - _LOG_MARGIN, math.log10(high) + _LOG_MARGIN]
    return made


def below_each_other(names: Iterable[str]) -> dict[str, Any]:
    """The first on top."""
    return {"autorange": "reversed", "categoryorder": "array", "categoryarray": list(names)}


def rows_high(count: int, each: int = 36) -> int:
    """The height of a figure with so many bars below each other, in pixels."""
    return 110 + each * max(count, 1)
