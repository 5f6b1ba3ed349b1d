"""Memory over the run: what each call left resident, what was charged to its sandbox, and where the limit is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resnet_bench.analysis.course import Moment, course
from resnet_bench.benchmark.series import MEASURES
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import CALL, about, axis, run_axis, run_clock, scaled
from resnet_bench.report.names import SIDES
from resnet_bench.results.records import Answer, Side
from resnet_bench.results.run import Run
from resnet_bench.units import MEGABYTE, Unit, number

_SIDES: tuple[Side, Side] = ("local", "remote")
# What is drawn of each call, and how it is marked.
_SHOWN = {"RSS": ("memory.rss", "circle"), "cgroup peak": ("memory.cgroup_peak", "triangle-up-open")}


def footprint(run: Run, engine: str) -> Figure | None:
    """``None`` of fewer than two answers."""
    calls = [one for one in course(run, engine) if isinstance(one.sample.outcome, Answer)]
    if len(calls) < 2:  # noqa: PLR2004 - a course has two ends
        return None
    clock = run_clock(calls)
    traces = [trace for side in _SIDES for name in _SHOWN if (trace := _trace(name, side, calls, clock))["x"]]
    return Figure(
        title=f"{engine}: memory after each call",
        description="; ".join(map(_in_words, traces)) + ".",
        traces=(*traces, *_limits(calls, clock)),
        layout={
            "xaxis": run_axis(clock),
            "yaxis": axis("memory", MEGABYTE),
            "hovermode": "closest",
        },
        captions=captions(run),
        note="RSS: resident after the call. cgroup peak: the most charged to the sandbox until then, page cache too.",
    )


def _trace(name: str, side: Side, calls: Sequence[Moment], clock: Unit) -> dict[str, Any]:
    measure, symbol = _SHOWN[name]
    known = [
        (one, value)
        for one in calls
        if one.sample.side == side
        and isinstance(one.sample.outcome, Answer)
        and (value := MEASURES[measure](one.sample, one.sample.outcome)) is not None
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{SIDES[side]}, {name}",
        "x": scaled((one.at_s for one, _ in known), clock),
        "y": [value / MEGABYTE.base for _, value in known],
        "marker": {"symbol": symbol, "size": 7},
        "customdata": [about(one.sample) for one, _ in known],
        "hovertemplate": f"{CALL}<br>%{{y:.4~r}} {MEGABYTE.name}",
        "meta": {"color": side},
    }


def _limits(calls: Sequence[Moment], clock: Unit) -> list[dict[str, Any]]:
    """A line for each side that has a limit, over the whole run."""
    found: dict[Side, int] = {}
    for one in calls:
        outcome = one.sample.outcome
        if isinstance(outcome, Answer) and outcome.memory.limit_bytes is not None:
            found[one.sample.side] = outcome.memory.limit_bytes
    ends = scaled((min(one.at_s for one in calls), max(one.at_s for one in calls)), clock)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{SIDES[side]}, limit",
            "x": ends,
            "y": [limit / MEGABYTE.base] * len(ends),
            "line": {"dash": "dash", "width": 1.5},
            "hovertemplate": f"%{{y:.4~r}} {MEGABYTE.name}",
            "meta": {"color": side},
        }
        for side, limit in found.items()
    ]


def _in_words(trace: dict[str, Any]) -> str:
    low, high = number(min(trace["y"])), number(max(trace["y"]))
    return f"{trace['name']}: {low} to {high} {MEGABYTE.name} in {len(trace['y'])} calls"
