"""CloudWatch's metrics over time: one figure for each widget of the dashboard, and for each kind of value in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis
from resnet_bench.report.watched import NO_DATA, provenance, values
from resnet_bench.results.metrics import MetricSeries, MetricUnit
from resnet_bench.results.records import Skipped
from resnet_bench.units import MEGABYTE, Unit, number, time_unit

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_COLORS = ("local", "remote", "other", "third", "bad", "muted")
_FIXED = {"bytes": MEGABYTE, "percent": Unit("%", 0.01)}
_PLAIN = Unit("", 1.0)
_WORDS: dict[MetricUnit, str] = {
    "seconds": "time",
    "bytes": "size",
    "percent": "share",
    "count": "count",
    "number": "value",
}
_FEW = 5


def watched_figures(metrics: Sequence[MetricSeries]) -> Iterator[Figure]:
    """In the order of the dashboard. What could not be asked for is in none."""
    found: dict[tuple[str, MetricUnit], list[MetricSeries]] = {}
    for one in metrics:
        if not isinstance(one.points, Skipped):
            found.setdefault((one.title, one.unit), []).append(one)
    for (title, kind), lines in found.items():
        yield _figure(title or lines[0].label, kind, lines)


def _figure(title: str, kind: MetricUnit, lines: Sequence[MetricSeries]) -> Figure:
    unit = _FIXED.get(kind, _PLAIN)
    if kind == "seconds":
        unit = time_unit(value for one in lines for value in values(one))
    highest = max((value for one in lines for value in values(one)), default=None)
    layout: dict[str, Any] = {}
    if highest is None:
        layout["annotations"] = [
            {"text": NO_DATA, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        ]
    # There is no half of a call.
    whole = {"dtick": 1} if kind == "count" and (highest or 0) <= _FEW else {}
    return Figure(
        title=f"{title}, {unit.name}" if unit.name else title,
        description="; ".join(f"{one.label}: {_in_words(one, unit)}" for one in lines) + ".",
        traces=tuple(_trace(one, unit, place) for place, one in enumerate(lines)),
        layout={
            "xaxis": {
                "type": "date",
                "range": [_moment(lines[0].start_s), _moment(lines[0].end_s)],
                "title": {"text": "UTC"},
            },
            "yaxis": axis(_WORDS[kind], unit, **whole),
            "showlegend": True,
            "height": 300,
            **layout,
        },
        captions=(provenance(lines),),
    )


def _trace(one: MetricSeries, unit: Unit, place: int) -> dict[str, Any]:
    """Broken where a period is missing: no data is not zero, and not what lies between its neighbours."""
    at: list[str] = []
    shown: list[float | None] = []
    before_s = None
    for point in () if isinstance(one.points, Skipped) else one.points:
        if before_s is not None and point.at_s - before_s > 1.5 * one.period_s:
            at.append(_moment(before_s + one.period_s))
            shown.append(None)
        at.append(_moment(point.at_s))
        shown.append(point.value / unit.base)
        before_s = point.at_s
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": one.label if at else f"{one.label}: {NO_DATA}",
        "x": at,
        "y": shown,
        "connectgaps": False,
        "line": {"dash": _DASHES[place % len(_DASHES)], "width": 1.8},
        "marker": {"size": 4},
        "hovertemplate": f"%{{x}}<br>%{{y:.4~r}} {unit.name}",
        "meta": {"color": _COLORS[place % len(_COLORS)]},
    }


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _in_words(one: MetricSeries, unit: Unit) -> str:
    found = values(one)
    if not found:
        return NO_DATA
    low, high, last = (number(value / unit.base) for value in (min(found), max(found), found[-1]))
    return f"{low} to {high} {unit.name}".strip() + f", last {last}"
