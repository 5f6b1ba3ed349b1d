"""How the warm totals scatter: every call, with the median and its interval as the tables have them."""

from __future__ import annotations

from typing import Any

from resnet_bench.benchmark.picks import counted, sides
from resnet_bench.benchmark.series import MEASURES, TOTAL
from resnet_bench.benchmark.stats import median, percentile_interval
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import CALL, about, axis, below_each_other, rows_high, scaled
from resnet_bench.report.names import SIDES
from resnet_bench.results.records import Sample, Side
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, number, time_unit

_NOTE = "A dot for each call; box: the middle half of them. Diamond: median, with its 95 % interval."


def spread(run: Run, engine: str) -> Figure | None:
    """``None`` where no side has more than one warm call: a single one does not scatter."""
    found = {side: _totals(run, engine, side) for side in sides(run)}
    if not any(len(calls) > 1 for calls in found.values()):
        return None
    unit = time_unit(value for calls in found.values() for _, value in calls)
    drawn = {side: calls for side, calls in found.items() if calls}
    images = len({sample.image for calls in found.values() for sample, _ in calls})
    return Figure(
        title=f"{engine}: warm totals",
        description="; ".join(_in_words(side, calls, unit) for side, calls in drawn.items()) + ".",
        traces=tuple(trace for side, calls in drawn.items() for trace in _traces(side, calls, unit)),
        layout={
            "xaxis": axis("total of a call", unit),
            "yaxis": below_each_other(SIDES[side] for side in drawn),
            "showlegend": False,
            "height": rows_high(len(drawn), 110),
        },
        captions=captions(run),
        note=f"{_NOTE} All {images} images together." if images > 1 else _NOTE,
    )


def _totals(run: Run, engine: str, side: Side) -> list[tuple[Sample, float]]:
    read = MEASURES[TOTAL]
    picks = counted(run, engine=engine, side=side, phase="warm")
    return [(sample, value) for sample, answer in picks if (value := read(sample, answer)) is not None]


def _traces(side: Side, calls: list[tuple[Sample, float]], unit: Unit) -> tuple[dict[str, Any], dict[str, Any]]:
    values = [value for _, value in calls]
    middle, interval = median(values) / unit.base, percentile_interval(values, 50)
    box = {
        "type": "box",
        "name": SIDES[side],
        "x": scaled(values, unit),
        "y": [SIDES[side]] * len(values),
        "orientation": "h",
        "boxpoints": "all",
        "jitter": 0.7,
        "pointpos": 0,
        "hoveron": "points",
        "quartilemethod": "linear",
        "line": {"width": 1},
        "marker": {"size": 6, "opacity": 0.6},
        "customdata": [about(sample) for sample, _ in calls],
        "hovertemplate": f"{CALL}<br>%{{x:.4~r}} {unit.name}<extra></extra>",
        "meta": {"color": side},
    }
    bar = {} if interval is None else {"error_x": _reach(middle, interval.low / unit.base, interval.high / unit.base)}
    diamond = {
        "type": "scatter",
        "mode": "markers",
        "x": [middle],
        "y": [SIDES[side]],
        "marker": {"symbol": "diamond", "size": 12, "line": {"width": 1}},
        "hovertemplate": f"median %{{x:.4~r}} {unit.name}<extra></extra>",
        "meta": {"color": "ink"},
        **bar,
    }
    return box, diamond


def _reach(middle: float, low: float, high: float) -> dict[str, Any]:
    return {"type": "data", "symmetric": False, "array": [high - middle], "arrayminus": [middle - low], "thickness": 3}


def _in_words(side: Side, calls: list[tuple[Sample, float]], unit: Unit) -> str:
    values = [value for _, value in calls]
    interval = percentile_interval(values, 50)
    low, middle, high = (number(value / unit.base) for value in (min(values), median(values), max(values)))
    words = f"{SIDES[side]}: {len(values)} calls from {low} to {high} {unit.name}, median {middle}"
    if interval is None:
        return words
    return f"{words} (95 % interval {number(interval.low / unit.base)} to {number(interval.high / unit.base)})"
