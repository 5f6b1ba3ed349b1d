"""The run as it went: each call at its moment, whatever phase it belongs to, and those that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from resnet_bench.analysis.course import Break, Moment, breaks, course
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import WIDE, Figure
from resnet_bench.report.figures.axes import CALL, about, log_axis, run_axis, run_clock, scaled
from resnet_bench.report.names import SIDES
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, time_left, time_unit

_SIDES: tuple[Side, Side] = ("local", "remote")
# How each kind of call is marked, in the order of the legend.
_KINDS: dict[str, tuple[str, Callable[[Moment], bool]]] = {
    "warm": ("circle", lambda one: one.sample.phase == "warm"),
    "cold": ("star-diamond", lambda one: one.sample.phase == "cold"),
    "warm-up": ("circle-open", lambda one: one.sample.phase == "warmup"),
}
_LEFT_OUT = "not counted"
# What it is called, its mark, and its calls.
_Kind = tuple[str, str, list[Moment]]
# How much of the height the failed calls and the gap above them take.
_STRIP = 0.16


def timeline(run: Run, engine: str) -> Figure | None:
    """``None`` of fewer than two calls."""
    found = course(run, engine)
    answered = [one for one in found if one.total_s is not None]
    failed = [one for one in found if one.total_s is None]
    if len(found) < 2:  # noqa: PLR2004 - a course has two ends
        return None
    seams = breaks(run)
    unit, clock = time_unit(one.total_s for one in answered), run_clock(found)
    traces = [
        _trace(side, kind, unit, clock)
        for side in _SIDES
        for kind in _kinds([one for one in answered if one.sample.side == side])
    ]
    if failed:
        traces.append(_failures(failed, clock))
    return Figure(
        title=f"{engine}: every call of the run, in the order measured",
        description=_in_words(found, answered, failed) + _interrupted(seams),
        traces=tuple(traces),
        layout={
            **_axes(answered, failed, unit, clock),
            **_marked(seams, clock),
            "meta": WIDE,
            "hovermode": "closest",
        },
        captions=captions(run),
        note="Cold calls with their start: of the process here, as the client waited there. The scale is logarithmic.",
    )


def _marked(seams: Sequence[Break], clock: Unit) -> dict[str, Any]:
    """A line across the plot wherever the run was interrupted; the time until it went on is left out."""
    if not seams:
        return {}
    places = [seam.at_s / clock.base for seam in seams]
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"dash": "dash", "width": 1}}
    return {
        "shapes": [{**line, "x0": at, "x1": at} for at in places],
        "annotations": [
            {"text": f"resumed {_later(seam)}", "x": at, "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom"}
            | {"showarrow": False}
            for seam, at in zip(seams, places, strict=True)
        ],
    }


def _later(seam: Break) -> str:
    """The wall clock may have been set back meanwhile."""
    return f"{time_left(seam.gap_s)} later" if seam.gap_s > 0 else "later"


def _interrupted(seams: Sequence[Break]) -> str:
    return "".join(f" Interrupted, and resumed {_later(seam)}, at {seam.resumed_at}." for seam in seams)


def _axes(answered: Sequence[Moment], failed: Sequence[Moment], unit: Unit, clock: Unit) -> dict[str, Any]:
    """A call that failed took no time that means anything: such calls have a strip of their own below the others."""
    values = [one.total_s / unit.base for one in answered if one.total_s]
    made: dict[str, Any] = {"xaxis": run_axis(clock, anchor="y2" if failed else "y")}
    if values:
        made["yaxis"] = log_axis("total of a call", unit, values, domain=[_STRIP if failed else 0, 1])
    if failed:
        marks = {"tickvals": [0], "ticktext": ["failed"], "showgrid": False, "zeroline": False}
        made["yaxis2"] = {"domain": [0, _STRIP / 2], "fixedrange": True, **marks}
    return made


def _kinds(calls: Sequence[Moment]) -> list[_Kind]:
    plain = [one for one in calls if not one.left_out]
    made = [(kind, symbol, [one for one in plain if fits(one)]) for kind, (symbol, fits) in _KINDS.items()]
    made.append((_LEFT_OUT, "x-open", [one for one in calls if one.left_out]))
    return [each for each in made if each[2]]


def _trace(side: Side, kind: _Kind, unit: Unit, clock: Unit) -> dict[str, Any]:
    name, symbol, calls = kind
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{SIDES[side]}, {name}",
        "x": scaled((one.at_s for one in calls), clock),
        "y": scaled((one.total_s for one in calls if one.total_s is not None), unit),
        "marker": {"symbol": symbol, "size": 10 if name == "cold" else 7},
        "customdata": [[*about(one.sample), one.left_out] for one in calls],
        "hovertemplate": f"{CALL}<br>%{{y:.4~r}} {unit.name}<br>%{{customdata[3]}}",
        "meta": {"color": side},
    }


def _failures(calls: Sequence[Moment], clock: Unit) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "failed",
        "x": scaled((one.at_s for one in calls), clock),
        "y": [0] * len(calls),
        "yaxis": "y2",
        "marker": {"symbol": "x", "size": 9},
        "customdata": [[*about(one.sample), SIDES[one.sample.side], one.left_out] for one in calls],
        "hovertemplate": f"%{{customdata[3]}}, {CALL}<br>%{{customdata[4]}}",
        "meta": {"color": "bad"},
    }


def _in_words(found: Sequence[Moment], answered: Sequence[Moment], failed: Sequence[Moment]) -> str:
    length_s = max(one.at_s for one in found)
    uncounted = sum(bool(one.left_out) for one in answered)
    counts = ", ".join(f"{sum(one.sample.side == side for one in answered)} {SIDES[side]}" for side in _SIDES)
    words = f"{len(found)} calls within {length_s:.0f} s, answered: {counts}; failed: {len(failed)}"
    return f"{words}; answered and not counted: {uncounted}." if uncounted else f"{words}."
