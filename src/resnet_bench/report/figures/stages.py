"""Where a warm call's time goes: the medians of the table, end to end, local above Lambda."""

from __future__ import annotations

from typing import Any

from resnet_bench.report.captions import captions
from resnet_bench.report.cells import sheet
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis, below_each_other, rows_high
from resnet_bench.report.latency import side_by_side
from resnet_bench.report.names import AROUND_HANDLER, SIDES
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, time_unit

_SIDES: tuple[Side, Side] = ("local", "remote")


def stages(run: Run, engine: str) -> Figure | None:
    """``None`` without a warm call."""
    table = side_by_side(run)
    at = {column.name: index for index, column in enumerate(table.columns)}
    unit = time_unit(table.numbers("seconds"))
    traces: list[dict[str, Any]] = []
    words = []
    for row, line in zip(table.rows, sheet(table).lines, strict=True):
        name = str(row.cells[0])
        if row.group != engine or not (row.level > 1 or name == AROUND_HANDLER):
            continue
        known = [side for side in _SIDES if isinstance(row.cells[at[side]], float)]
        values = [row.cells[at[side]] for side in known]
        traces.append(_trace(name, known, [value for value in values if isinstance(value, float)], unit, len(traces)))
        words.append(f"{name} {', '.join(f'{SIDES[side]} {line[at[side]]}' for side in known)}")
    if not traces:
        return None
    return Figure(
        title=f"{engine}: where a warm call's time goes",
        description=f"Medians in {unit.name}: {'; '.join(words)}.",
        traces=tuple(traces),
        layout={
            "barmode": "stack",
            "xaxis": axis("median", unit),
            "yaxis": below_each_other(SIDES[side] for side in _SIDES),
            "height": rows_high(len(_SIDES), 70),
        },
        captions=captions(run),
        note="Medians of parts need not add up to the median of the whole.",
    )


def _trace(name: str, sides: list[Side], values: list[float], unit: Unit, place: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": [SIDES[side] for side in sides],
        "x": [value / unit.base for value in values],
        "hovertemplate": f"%{{y}}<br>%{{x:.3~r}} {unit.name}",
        "meta": {"color": f"part{place}"},
    }
