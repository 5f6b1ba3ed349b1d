"""Plots of the warm totals: how they scatter, and how they went in the order measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from resnet_bench.benchmark.picks import sides
from resnet_bench.benchmark.series import series
from resnet_bench.benchmark.stats import Interval, median, percentile_interval
from resnet_bench.report.cells import sheet
from resnet_bench.report.distribution import distribution
from resnet_bench.report.markup import tag
from resnet_bench.report.names import MEASURES, SIDES
from resnet_bench.report.plots import FONT, RIGHT, bottom_axis, dot, left_axis, mark_text, room_for, svg, text
from resnet_bench.report.scale import Scale, from_zero
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, time_unit

_LANE = 74.0
_SWARM = 24.0  # half the height that a lane has for its dots
_STEP = 3.4


@dataclass(frozen=True)
class Totals:
    """One side's warm totals in seconds, in the order measured, with the pairs that they belong to.

    ``median`` and ``interval`` are drawn, ``words`` are the same as the tables write them.
    """

    side: Side
    values: tuple[float, ...]
    pairs: tuple[int, ...]
    median: float
    interval: Interval | None
    words: str


def totals(run: Run, engine: str) -> tuple[tuple[Totals, ...], Unit]:
    """Of each side that has any, and the unit in which the table of the same figures is written."""
    table = distribution(run)
    at = {column.name: index for index, column in enumerate(table.columns)}
    lines = {(row.group, *row.cells[:2]): line for row, line in zip(table.rows, sheet(table).lines, strict=True)}
    unit = time_unit(table.numbers("seconds"))
    found = []
    for side in sides(run):
        measured = series(run, engine=engine, side=side)
        line = lines.get((engine, MEASURES["total"], SIDES[side]))
        if line is None:
            continue
        interval = percentile_interval(measured.values, 50)
        words = f"p50 {line[at['p50']]} {unit.name}"
        if interval is not None:
            words = f"{words}, 95 % interval {line[at['p50_interval']]}"
        found.append(Totals(side, measured.values, measured.pairs, median(measured.values), interval, words))
    return tuple(found), unit


def strip(key: str, engine: str, shown: Sequence[Totals], unit: Unit) -> Element:
    """A lane for each side: a mark for each call, the median as a line, its interval as a bar."""
    scale, marks = from_zero(max(max(one.values) for one in shown) / unit.base, 6.0, RIGHT)
    height = _LANE * len(shown) + 40
    return svg(
        key,
        f"{engine}: warm totals",
        "; ".join(f"{SIDES[one.side]}: {len(one.values)} calls, {one.words}" for one in shown),
        height,
        bottom_axis(scale, marks, mark_text, f"total of a call, {unit.name}", top=4, y=_LANE * len(shown) + 4),
        [_lane(one, scale, unit, top=4 + _LANE * place) for place, one in enumerate(shown)],
    )


def course(key: str, engine: str, shown: Sequence[Totals], unit: Unit) -> Element:
    """The same totals over the pairs, so that a drift, or one bad stretch, is seen."""
    top, bottom = 8.0, 176.0
    scale, marks = from_zero(max(max(one.values) for one in shown) / unit.base, bottom, top)
    left = room_for(map(mark_text, marks)) + 10
    last = max(max(one.pairs) for one in shown) + 1
    across = Scale(1, max(last, 2), left + 6, RIGHT)
    return svg(
        key,
        f"{engine}: warm totals in the order measured",
        f"Total of each call in {unit.name}, by the number of its pair, 1 to {last}.",
        bottom + 36,
        left_axis(scale, marks, mark_text, x=left),
        bottom_axis(across, tuple(dict.fromkeys((1, last))), mark_text, "number of the pair", top=bottom, y=bottom),
        [
            dot(one.side, across(pair + 1), scale(value / unit.base))
            for one in shown
            for pair, value in zip(one.pairs, one.values, strict=True)
        ],
    )


def _lane(one: Totals, scale: Scale, unit: Unit, top: float) -> Element:
    middle = top + 20 + _SWARM
    high, low = middle - _SWARM - 3, middle + _SWARM + 3
    at = [scale(value / unit.base) for value in one.values]
    typical = scale(one.median / unit.base)
    bar = None
    if one.interval is not None:
        left, right = (scale(end / unit.base) for end in (one.interval.low, one.interval.high))
        width = max(1.0, right - left)
        bar = tag("rect", x=left, y=high, width=width, height=low - high, class_=f"interval {one.side}")
    return tag(
        "g",
        text(f"{SIDES[one.side]}: {one.words}", scale.start, top + FONT, class_=f"name {one.side}"),
        bar,
        [dot(one.side, x, middle + y) for x, y in zip(at, swarm(at), strict=True)],
        tag("line", x1=typical, x2=typical, y1=high, y2=low, class_=f"median {one.side}"),
    )


def swarm(at: Sequence[float], *, step: float = _STEP, reach: float = _SWARM) -> tuple[float, ...]:
    """How far from the lane's middle each dot is put, so that dots at nearly the same place stay apart if they can."""
    places = [0.0] + [sign * level * step for level in range(1, int(reach / step) + 1) for sign in (-1, 1)]
    taken: dict[int, int] = {}
    made = []
    for x in at:
        column = round(x / (2 * step))
        made.append(places[taken.get(column, 0) % len(places)])
        taken[column] = taken.get(column, 0) + 1
    return tuple(made)
