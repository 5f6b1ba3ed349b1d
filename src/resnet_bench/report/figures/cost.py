"""Dollars a month over requests a month, on both sides: where the lines cross, the cheaper side changes."""

from __future__ import annotations

from collections.abc import Iterator
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
    traces += _marks(found)
    return Figure(
        title=f"{found.workload.engine}: Lambda against {found.server.name}",
        description=_in_words(found),
        traces=tuple(traces),
        layout={
            "xaxis": axis("requests a month", rangemode="normal", type="log", dtick=1),
            "yaxis": axis("USD a month", rangemode="normal", type="log", dtick=1, tickformat=",~r"),
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


def _marks(found: SideBySide) -> Iterator[dict[str, Any]]:
    """Vertical lines over the whole height; one, where both would fall together."""
    first, last = found.break_even.first_per_month, found.break_even.per_month
    if first is not None and (last is None or number(first) != number(last)):
        yield _mark(found, first, "Lambda is cheaper up to", "dash", "up to %{x:.3~s} requests Lambda is cheaper")
    if last is not None:
        yield _mark(found, last, "servers are cheaper from", "dot", "from %{x:.3~s} requests on servers are cheaper")


def _mark(found: SideBySide, requests: float, name: str, dash: str, told: str) -> dict[str, Any]:
    costs = [usd for month in found.curve for usd in (month.lambda_usd, month.servers_usd)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [requests, requests],
        "y": [min(costs), max(costs)],
        "line": {"dash": dash, "width": 1.5},
        "hovertemplate": f"{told}<extra></extra>",
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
