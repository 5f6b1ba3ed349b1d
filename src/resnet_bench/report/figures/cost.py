"""Dollars a month over requests a month, on both sides: where the lines cross, the cheaper side changes."""

from __future__ import annotations

from typing import Any

from resnet_bench.analysis.cost import SideBySide
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis
from resnet_bench.report.rows import Caption
from resnet_bench.units import number


def cost_figure(found: SideBySide, captions: tuple[Caption, ...]) -> Figure:
    function = f"Lambda, {found.workload.memory_mb} MB"
    requests = [month.requests for month in found.curve]
    traces = [
        _line(function, "remote", requests, [month.lambda_usd for month in found.curve]),
        _line(found.server.name, "local", requests, [month.servers_usd for month in found.curve]),
    ]
    if found.break_even.per_month is not None:
        traces.append(_mark(found.break_even.per_month, [month.servers_usd for month in found.curve]))
    return Figure(
        title=f"{found.workload.engine}: Lambda against {found.server.name}",
        description=_in_words(found),
        traces=tuple(traces),
        layout={
            "xaxis": axis("requests a month", rangemode="normal", type="log"),
            "yaxis": axis("USD a month", rangemode="normal", type="log"),
            "height": 380,
        },
        captions=captions,
        note="Calculated, by list prices and the measured times. A step: one server more.",
    )


def _line(name: str, color: str, requests: list[float], usd: list[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": requests,
        "y": usd,
        "hovertemplate": "%{x:.3~s} requests: %{y:.4~r} USD<extra></extra>",
        "meta": {"color": color},
    }


def _mark(per_month: float, usd: list[float]) -> dict[str, Any]:
    """A vertical line over the whole height."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "break-even",
        "x": [per_month, per_month],
        "y": [min(usd) / 10, max(usd)],
        "line": {"dash": "dot"},
        "hovertemplate": "from %{x:.3~s} requests on servers are cheaper<extra></extra>",
        "meta": {"color": "muted"},
    }


def _in_words(found: SideBySide) -> str:
    first, last = found.curve[0], found.curve[-1]
    ends = "; ".join(
        f"at {number(month.requests)} requests a month Lambda costs {number(month.lambda_usd)} USD and "
        f"{found.server.name} {number(month.servers_usd)} USD"
        for month in (first, last)
    )
    per_month = found.break_even.per_month
    crossing = "they have no break-even" if per_month is None else f"they break even at {number(per_month)} requests"
    return f"{ends[0].upper()}{ends[1:]}; {crossing}."
