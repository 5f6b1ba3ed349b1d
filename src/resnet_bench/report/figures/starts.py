"""Each cold start taken apart: its parts end to end, up to the first answer."""

from __future__ import annotations

from typing import Any

from resnet_bench.benchmark.picks import Pick, counted
from resnet_bench.benchmark.starts import PARTS, to_first_answer
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis, below_each_other, rows_high
from resnet_bench.report.names import SIDES
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, number, time_unit

MOST_STARTS = 12
_SIDES: tuple[Side, Side] = ("local", "remote")
_NOTE = f"Forced cold starts, a lower bound of natural ones; {MOST_STARTS} of each side at most are drawn."


def starts(run: Run, engine: str) -> Figure | None:
    """In the order measured; ``None`` where no start's parts are known."""
    picks = {
        f"{SIDES[side]} {place}": pick
        for side in _SIDES
        for place, pick in enumerate(counted(run, engine=engine, side=side, phase="cold")[:MOST_STARTS], 1)
    }
    lengths = {part: {key: read(*pick) for key, pick in picks.items()} for part, read in PARTS.items()}
    unit = time_unit(value for found in lengths.values() for value in found.values())
    traces = [_trace(part, found, unit, place) for place, (part, found) in enumerate(lengths.items())]
    drawn = tuple(trace for trace in traces if trace["x"])
    if not drawn:
        return None
    return Figure(
        title=f"{engine}: cold starts",
        description=f"From start to first answer: {'; '.join(_in_words(picks, unit))}.",
        traces=drawn,
        layout={
            "barmode": "stack",
            "xaxis": axis("from start to first answer", unit),
            "yaxis": below_each_other(picks),
            "height": rows_high(len(picks)),
        },
        captions=captions(run),
        note=_NOTE,
    )


def _trace(part: str, found: dict[str, float | None], unit: Unit, place: int) -> dict[str, Any]:
    # A negative rest means that two clocks contradict each other: no bar can show that, and a check tells of it.
    known = {key: value for key, value in found.items() if value is not None and value > 0}
    return {
        "type": "bar",
        "orientation": "h",
        "name": part,
        "y": list(known),
        "x": [value / unit.base for value in known.values()],
        "hovertemplate": f"%{{y}}<br>%{{x:.3~r}} {unit.name}",
        "meta": {"color": f"part{place}"},
    }


def _in_words(picks: dict[str, Pick], unit: Unit) -> list[str]:
    totals = {key: to_first_answer(*pick) for key, pick in picks.items()}
    return [f"{key} {number(total / unit.base)} {unit.name}" for key, total in totals.items() if total is not None]
