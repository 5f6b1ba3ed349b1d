"""CloudWatch's metrics as line charts: one for each widget of the dashboard, and for each kind of value in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from resnet_bench.report.markup import tag
from resnet_bench.report.plots import FONT, RIGHT, WIDTH, bottom_axis, left_axis, mark_text, room_for, svg, text
from resnet_bench.report.scale import Scale, from_zero
from resnet_bench.report.watched import NO_DATA, moment, values
from resnet_bench.results.metrics import MetricSeries, MetricUnit, Point
from resnet_bench.results.records import Skipped
from resnet_bench.units import MEGABYTE, Unit, number, time_unit

_TOP, _BOTTOM = 10.0, 150.0
# Dots tell their value when pointed at; more of them than this would only hide the line.
_MOST_DOTS = 60
LINES = 6  # how many lines the style sheet tells apart
_FIXED = {"bytes": MEGABYTE, "percent": Unit("%", 0.01)}
_PLAIN = Unit("", 1.0)


@dataclass(frozen=True)
class Chart:
    """Lines that share an axis."""

    title: str
    unit: MetricUnit
    lines: tuple[MetricSeries, ...]


def charts(metrics: Sequence[MetricSeries]) -> tuple[Chart, ...]:
    """In the order of the dashboard. What could not be asked for is in none."""
    found: dict[tuple[str, MetricUnit], list[MetricSeries]] = {}
    for one in metrics:
        if not isinstance(one.points, Skipped):
            found.setdefault((one.title, one.unit), []).append(one)
    return tuple(Chart(title, unit, tuple(lines)) for (title, unit), lines in found.items())


def name_of(chart: Chart) -> str:
    """``Duration, ms``"""
    unit = _unit(chart).name
    title = chart.title or chart.lines[0].label
    return f"{title}, {unit}" if unit else title


def draw(key: str, chart: Chart) -> Element:
    """Lines from 0 over time, broken where there is no data."""
    unit, name = _unit(chart), name_of(chart)
    start_s, end_s = chart.lines[0].start_s, chart.lines[0].end_s
    found = [value for one in chart.lines for value in values(one)]
    if not found:
        nothing = text(NO_DATA, WIDTH / 2, 40, anchor="middle")
        return svg(key, name, f"{NO_DATA} from {moment(start_s)} to {moment(end_s)} UTC", 60, nothing)
    scale, marks = from_zero(max(found) / unit.base, _BOTTOM, _TOP)
    if chart.unit == "count":
        # There is no half of a call.
        marks = tuple(mark for mark in marks if mark.is_integer())
    left = room_for(map(mark_text, marks)) + 10
    across = Scale(start_s, end_s, left, RIGHT)
    ends = (start_s, (start_s + end_s) / 2, end_s)
    return svg(
        key,
        name,
        "; ".join(f"{one.label}: {_in_words(one, unit)}" for one in chart.lines),
        _BOTTOM + 36,
        left_axis(scale, marks, mark_text, x=left),
        bottom_axis(across, ends, lambda at_s: _clock(at_s, start_s, end_s), "UTC", top=_TOP, y=_BOTTOM),
        [_line(one, place, across, scale, unit) for place, one in enumerate(chart.lines)],
    )


def key_to_lines(chart: Chart) -> Element:
    """Which line is which, by colour and by dashes; a line without data says so."""
    listed = []
    for place, one in enumerate(chart.lines):
        sample = tag("line", x1=0, x2=24, y1=FONT / 2, y2=FONT / 2, class_=f"line c{place % LINES}")
        swatch = tag("svg", sample, viewBox="0 0 24 12", class_="long", aria_hidden="true")
        listed.append(tag("li", swatch, one.label if values(one) else f"{one.label}: {NO_DATA}"))
    return tag("ul", listed, class_="key")


def _unit(chart: Chart) -> Unit:
    if chart.unit == "seconds":
        return time_unit(value for one in chart.lines for value in values(one))
    return _FIXED.get(chart.unit, _PLAIN)


def _in_words(one: MetricSeries, unit: Unit) -> str:
    found = values(one)
    if not found:
        return NO_DATA
    low, high, last = (number(value / unit.base) for value in (min(found), max(found), found[-1]))
    return f"{low} to {high} {unit.name}".strip() + f", last {last}"


def _line(one: MetricSeries, place: int, across: Scale, scale: Scale, unit: Unit) -> Element:
    points = () if isinstance(one.points, Skipped) else one.points
    drawn = [
        tag("polyline", points=" ".join(f"{across(p.at_s):.2f},{scale(p.value / unit.base):.2f}" for p in stretch))
        for stretch in stretches(points, one.period_s)
    ]
    dots = (
        points if len(points) <= _MOST_DOTS else [each[0] for each in stretches(points, one.period_s) if len(each) == 1]
    )
    drawn += [
        tag(
            "circle",
            tag("title", f"{one.label}, {moment(p.at_s)} UTC: {number(p.value / unit.base)} {unit.name}".strip()),
            cx=across(p.at_s),
            cy=scale(p.value / unit.base),
            r=2.2,
        )
        for p in dots
    ]
    return tag("g", drawn, class_=f"line c{place % LINES}")


def stretches(points: Sequence[Point], period_s: int) -> Iterator[tuple[Point, ...]]:
    """Points that follow each other without a period missing in between."""
    held: list[Point] = []
    for point in points:
        if held and point.at_s - held[-1].at_s > 1.5 * period_s:
            yield tuple(held)
            held = []
        held.append(point)
    if held:
        yield tuple(held)


def _clock(at_s: float, start_s: float, end_s: float) -> str:
    """The time of day within two days, else the date."""
    day, clock = moment(at_s).split()
    return clock if end_s - start_s <= 2 * 86_400 else day
