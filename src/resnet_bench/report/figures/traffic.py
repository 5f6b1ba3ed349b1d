"""Latency and cost of both sides over the rate of requests, on logarithmic scales."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from resnet_bench.analysis.traffic.plan import TrafficPlan
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis
from resnet_bench.report.rows import Caption
from resnet_bench.units import SECOND, format_rate, number

_PERCENT = 99


def latency_over_rate(plan: TrafficPlan, captions: tuple[Caption, ...]) -> Figure:
    rates = [point.rate for point in plan.points]
    here = [point.on_servers.percentile(_PERCENT).value for point in plan.points]
    there = [point.on_lambda.percentile(_PERCENT).value for point in plan.points]
    traces = [_line("Lambda", "remote", rates, there, "s"), _line(plan.rented.name, "local", rates, here, "s")]
    if plan.asked.objective is not None:
        limit = [plan.asked.objective.limit_s] * len(rates)
        traces.append({**_line(plan.asked.objective.text, "muted", rates, limit, "s"), "line": {"dash": "dot"}})
    return Figure(
        title=f"{plan.workload.engine}: p99 over the rate of requests",
        description=_in_words(plan, there, here, "s"),
        traces=tuple(traces),
        layout=_layout({**axis("p99", SECOND, rangemode="normal"), "type": "log"}),
        captions=captions,
    )


def cost_over_rate(plan: TrafficPlan, captions: tuple[Caption, ...]) -> Figure:
    rates = [point.rate for point in plan.points]
    here, there = [point.servers_usd for point in plan.points], [point.lambda_usd for point in plan.points]
    return Figure(
        title=f"{plan.workload.engine}: cost over the rate of requests",
        description=_in_words(plan, there, here, "USD"),
        traces=(_line("Lambda", "remote", rates, there, "USD"), _line(plan.rented.name, "local", rates, here, "USD")),
        layout=_layout({**axis(f"USD for {plan.asked.days:g} days", rangemode="normal"), "type": "log"}),
        captions=captions,
    )


def _layout(yaxis: dict[str, Any]) -> dict[str, Any]:
    xaxis = {**axis("requests a second", rangemode="normal"), "type": "log"}
    return {"xaxis": xaxis, "yaxis": yaxis, "height": 380}


def _in_words(plan: TrafficPlan, there: Sequence[float], here: Sequence[float], unit: str) -> str:
    """The two ends of both lines."""
    ends = "; ".join(
        f"at {format_rate(plan.points[place].rate)}, {number(there[place])} {unit} on Lambda and "
        f"{number(here[place])} {unit} on servers"
        for place in (0, -1)
    )
    return f"{ends[0].upper()}{ends[1:]}."


def _line(name: str, color: str, rates: Sequence[float], values: Sequence[float], unit: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(rates),
        # What nobody was answered has no latency: a gap.
        "y": [value if math.isfinite(value) else None for value in values],
        "hovertemplate": f"%{{x:.3~g}} /s: %{{y:.4~r}} {unit}<extra></extra>",
        "meta": {"color": color},
    }
