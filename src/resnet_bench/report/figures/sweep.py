"""Time and cost over memory: what a larger function buys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resnet_bench.analysis.sweep import Size, per_million
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis
from resnet_bench.report.rows import Caption
from resnet_bench.units import format_usd, times


def sweep_figures(sizes: Sequence[Size], captions: tuple[Caption, ...]) -> tuple[Figure, ...]:
    """One for each engine with two usable sizes or more."""
    found = []
    for engine in dict.fromkeys(size.engine for size in sizes):
        own = [size for size in sizes if size.engine == engine and size.usable]
        if len(own) > 1:
            found.append(_figure(engine, own, captions))
    return tuple(found)


def _figure(engine: str, sizes: Sequence[Size], captions: tuple[Caption, ...]) -> Figure:
    memory = [size.memory_mb for size in sizes]
    return Figure(
        title=f"{engine}: time and cost over memory",
        description="; ".join(_in_words(size) for size in sizes) + ".",
        traces=(_time(sizes), _cost(sizes)),
        layout={
            "xaxis": axis(
                "memory, MB",
                rangemode="normal",
                type="log",
                tickvals=memory,
                ticktext=[str(each) for each in memory],
            ),
            "yaxis": axis("warm call, p50, ms"),
            # With round numbers of its own, and not at the heights of the other axis's.
            "yaxis2": axis("USD per million requests", overlaying="y", side="right", showgrid=False, tickmode="auto"),
            "height": 340,
        },
        captions=captions,
        note="Time by the client's clock, with 95 % intervals; cost of warm calls by list prices.",
    )


def _time(sizes: Sequence[Size]) -> dict[str, Any]:
    found = [size.warm for size in sizes if size.warm is not None]
    ends = [warm.p50_interval for warm in found]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "time",
        "x": [size.memory_mb for size in sizes],
        "y": [warm.p50 * 1000 for warm in found],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [(end.high - warm.p50) * 1000 if end else 0 for warm, end in zip(found, ends, strict=True)],
            "arrayminus": [(warm.p50 - end.low) * 1000 if end else 0 for warm, end in zip(found, ends, strict=True)],
        },
        "hovertemplate": "%{x} MB: %{y:.4~r} ms<extra></extra>",
        "meta": {"color": "remote"},
    }


def _cost(sizes: Sequence[Size]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "cost",
        "yaxis": "y2",
        "x": [size.memory_mb for size in sizes],
        "y": [float(per_million(size.usd)) for size in sizes if size.usd is not None],
        "line": {"dash": "dot"},
        "hovertemplate": "%{x} MB: %{y:.4~r} USD<extra></extra>",
        "meta": {"color": "other"},
    }


def _in_words(size: Size) -> str:
    shown = times((None if size.warm is None else size.warm.p50,))
    cost = "" if size.usd is None else f", {format_usd(per_million(size.usd))} USD per million"
    return f"{size.memory_mb} MB: {shown.texts[0]} {shown.unit.name}{cost}"
