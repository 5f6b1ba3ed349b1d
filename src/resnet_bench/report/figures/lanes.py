"""One clock's account of a call as bars end to end in a row, each with its name where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resnet_bench.analysis.clocks import Part
from resnet_bench.units import Unit, number

# For the layout: a name that does not fit on its bar is told where one points.
WHERE_IT_FITS = {"mode": "hide", "minsize": 11}


def bars(row: str, parts: Sequence[Part], unit: Unit, color: str | Sequence[str]) -> dict[str, Any]:
    """``parts`` by the names that people read; a list has a colour for each."""
    lengths = [part.length_s / unit.base for part in parts]
    return {
        "type": "bar",
        "orientation": "h",
        "name": row,
        "y": [row] * len(parts),
        "base": [part.start_s / unit.base for part in parts],
        "x": lengths,
        "text": [part.name for part in parts],
        "customdata": [[part.name, number(length)] for part, length in zip(parts, lengths, strict=True)],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "hovertemplate": f"%{{customdata[0]}}<br>%{{customdata[1]}} {unit.name}<extra></extra>",
        "meta": {"color": color},
    }


def words(name: str) -> str:
    return name.replace("_", " ")
