"""A plot as data, for Plotly.js to draw: plain dictionaries, so that whoever makes one imports nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resnet_bench.report.rows import Caption

WIDE = {"wide": True}


@dataclass(frozen=True)
class Figure:
    """One plot with its title and where its figures are from (never left out).

    ``traces`` and ``layout`` are Plotly.js's own terms (https://plotly.com/javascript/reference/). Colours are never
    literal: a trace names its own as ``"meta": {"color": "local"}``, and the page knows what that is in light and in
    dark: ink, local, remote, other, third, muted, good, bad, and part0 to part8 for the parts of a whole; a list gives
    each bar its own. A waterfall may name ``decreasing`` and ``totals`` beside it. A layout with ``"meta": WIDE`` gets
    the whole width of the page. Texts are taken as texts, ``\\n`` breaking lines; only what ends in ``template`` may
    hold Plotly.js's markup, and nothing from outside. ``description`` says what the plot shows, for who cannot see it;
    ``note`` how to read it.
    """

    title: str
    description: str
    traces: tuple[dict[str, Any], ...]
    layout: dict[str, Any]
    captions: tuple[Caption, ...] = ()
    note: str = ""
