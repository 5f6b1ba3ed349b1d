"""A plot as data, for Plotly.js to draw: plain dictionaries, so that whoever makes one imports nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resnet_bench.report.rows import Caption


@dataclass(frozen=True)
class Figure:
    """One plot with its title and where its figures are from (never left out).

    ``traces`` and ``layout`` are Plotly.js's own terms (https://plotly.com/javascript/reference/). Colours are never
    literal: a trace names its own as ``"meta": {"color": "local"}``, and the page knows what that is in light and in
    dark: local, remote, other, third, muted, good, bad. ``description`` says what the plot shows, for who cannot see
    it; ``note`` how to read it.
    """

    title: str
    description: str
    traces: tuple[dict[str, Any], ...]
    layout: dict[str, Any]
    captions: tuple[Caption, ...] = ()
    note: str = ""
