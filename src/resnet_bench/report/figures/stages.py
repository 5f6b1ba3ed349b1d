"""Where a warm call's time goes: the medians of the table, end to end, local above Lambda."""

from __future__ import annotations

from typing import Any

from resnet_bench.report.captions import captions
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis, below_each_other, rows_high, scaled
from resnet_bench.report.latency import Middle, middles
from resnet_bench.report.names import SIDES
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, number, time_unit


def stages(run: Run, engine: str) -> Figure | None:
    """``None`` without a warm call."""
    parts = [one for one in middles(run, engine) if one.is_part]
    if not parts:
        return None
    unit = time_unit(value for one in parts for value in _known(one).values())
    return Figure(
        title=f"{engine}: where a warm call's time goes",
        description=f"Medians in {unit.name}: {'; '.join(_in_words(one, unit) for one in parts)}.",
        traces=tuple(_trace(one, unit, place) for place, one in enumerate(parts)),
        layout={
            "barmode": "stack",
            "xaxis": axis("median", unit),
            "yaxis": below_each_other(SIDES.values()),
            "height": rows_high(len(SIDES), 70),
        },
        captions=captions(run),
        note="Medians of parts need not add up to the median of the whole.",
    )


def _known(one: Middle) -> dict[str, float]:
    """The median of each side that has one, by the side's name."""
    values = zip(SIDES.values(), (one.local, one.remote), strict=True)
    return {name: value for name, value in values if value is not None}


def _trace(one: Middle, unit: Unit, place: int) -> dict[str, Any]:
    known = _known(one)
    return {
        "type": "bar",
        "orientation": "h",
        "name": one.name,
        "y": list(known),
        "x": scaled(known.values(), unit),
        "hovertemplate": f"%{{y}}<br>%{{x:.3~r}} {unit.name}",
        "meta": {"color": f"part{place}"},
    }


def _in_words(one: Middle, unit: Unit) -> str:
    medians = (f"{name} {number(value / unit.base)}" for name, value in _known(one).items())
    return f"{one.name} {', '.join(medians)}"
