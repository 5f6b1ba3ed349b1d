"""A figure as an element: its title, the place where the page's script draws it, and what it shows in words."""

from __future__ import annotations

import html
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from resnet_bench.characters import fit
from resnet_bench.report.figure import WIDE, Figure
from resnet_bench.report.html.markup import raw, tag
from resnet_bench.report.html.telling import Teller

# JSON in a page: none of these can then end its element, whatever a text holds.
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def figure(one: Figure, key: str, level: int, teller: Teller) -> Element:
    """``key`` is an id of the page's own; ``level`` that of the heading. Without script the description is read."""
    note = tag("p", one.note, class_="note") if one.note else None
    return tag(
        "figure",
        tag(f"h{level}", one.title, id=f"{key}-title"),
        tag("div", class_="plot", role="group", aria_labelledby=f"{key}-title", aria_describedby=f"{key}-words"),
        raw("script", data(one), type="application/json"),
        tag("p", one.description, class_="description", id=f"{key}-words"),
        tag("figcaption", note, teller.sources(one.captions)),
        class_="wide" if one.layout.get("meta") == WIDE else None,
        id=key,
    )


def data(one: Figure) -> str:
    """The figure's traces and layout as JSON that is safe inside a page."""
    made = {"traces": _plain(list(one.traces)), "layout": _plain(one.layout)}
    return msgspec.json.encode(made).decode().translate(_ESCAPES)


def _plain(value: Any, key: str = "") -> Any:
    """Texts as texts: Plotly.js takes some tags in them for markup, and ``\\n`` for a space.

    What ends in ``template`` is this program's own and may hold markup.
    """
    match value:
        case dict():
            return {name: _plain(each, name) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each, key) for each in value]
        case str() if not key.endswith("template"):
            return html.escape(fit(value), quote=False).replace("\n", "<br>")
        case _:
            return value
