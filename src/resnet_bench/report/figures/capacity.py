"""Throughput and latency over the number of callers, both sides beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from resnet_bench.analysis.capacity import LevelFigures, SideCapacity
from resnet_bench.benchmark.stats import Interval
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis
from resnet_bench.report.names import SIDES
from resnet_bench.report.rows import Caption
from resnet_bench.units import Unit, format_rate, number, time_unit

_BARS = "Bars: 95 % intervals; a level with too few answers for one has none."
_PER_SECOND = Unit("answers per second", 1.0)

# What is drawn of a level: a value with its interval.
Drawn = tuple[float, Interval | None]


@dataclass(frozen=True)
class _Drawing:
    """What to read of each level, in which unit to draw it, and how to write it in a sentence."""

    read: Callable[[LevelFigures], Drawn | None]
    unit: Unit
    write: Callable[[float], str]

    def points(self, side: SideCapacity) -> list[tuple[int, float, Interval]]:
        """Concurrency, value, and its interval, which is nothing around it where there is none."""
        found = [(level.level.concurrency, self.read(level)) for level in side.measured]
        return [(at, one[0], one[1] or Interval(one[0], one[0])) for at, one in found if one is not None]


def capacity_figures(found: Sequence[SideCapacity], captions: tuple[Caption, ...]) -> tuple[Figure, ...]:
    """Two plots; none where no side was measured at two levels."""
    drawn = [side for side in found if len(side.measured) > 1]
    if not drawn:
        return ()
    unit = time_unit(level.latency_s.p95 for side in drawn for level in side.measured if level.latency_s is not None)
    return (
        _figure("Throughput", drawn, _Drawing(_throughput, _PER_SECOND, format_rate), captions),
        _figure(
            "Latency, p95",
            drawn,
            _Drawing(_tail, unit, lambda value: f"{number(value / unit.base)} {unit.name}"),
            captions,
        ),
    )


def _throughput(level: LevelFigures) -> Drawn | None:
    return None if level.throughput is None else (level.throughput.value, level.throughput.interval)


def _tail(level: LevelFigures) -> Drawn | None:
    return None if level.latency_s is None else (level.latency_s.p95, level.latency_s.p95_interval)


def _figure(title: str, sides: Sequence[SideCapacity], drawing: _Drawing, captions: tuple[Caption, ...]) -> Figure:
    levels = sorted({level.level.concurrency for side in sides for level in side.measured})
    return Figure(
        title=f"{title} over callers at once",
        description="; ".join(_in_words(side, drawing) for side in sides) + ".",
        traces=tuple(_trace(side, drawing) for side in sides),
        layout={
            "xaxis": axis("callers at once", tickvals=levels, ticktext=[str(level) for level in levels]),
            "yaxis": axis(title.lower(), drawing.unit),
            "height": 320,
        },
        captions=captions,
        note=_BARS,
    )


def _trace(side: SideCapacity, drawing: _Drawing) -> dict[str, Any]:
    points, base = drawing.points(side), drawing.unit.base
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": SIDES[side.side],
        "x": [at for at, _, _ in points],
        "y": [value / base for _, value, _ in points],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [(interval.high - value) / base for _, value, interval in points],
            "arrayminus": [(value - interval.low) / base for _, value, interval in points],
        },
        "hovertemplate": f"%{{x}} at once: %{{y:.4~r}} {drawing.unit.name}<extra></extra>",
        "meta": {"color": side.side},
    }


def _in_words(side: SideCapacity, drawing: _Drawing) -> str:
    told = ", ".join(f"{drawing.write(value)} at {at}" for at, value, _ in drawing.points(side))
    return f"{SIDES[side.side]}: {told}"
