"""A table as an element: the same texts as on the terminal."""

from __future__ import annotations

from itertools import groupby
from xml.etree.ElementTree import Element

from resnet_bench.report.cells import sheet
from resnet_bench.report.html.markup import tag
from resnet_bench.report.html.telling import Teller
from resnet_bench.report.rows import DRAWN, Bar, Row, Table


def table(one: Table, teller: Teller, heading: str = "") -> Element:
    """In a frame that scrolls by itself where the screen is narrower.

    A title that repeats the ``heading`` above is left to who cannot see that.
    """
    cells = sheet(one)
    shown = one.filled
    head = [_head(cells.headers[index], _align(one, index)) for index in shown]
    lines = zip(one.rows, cells.lines, strict=True)
    bodies = [
        tag("tbody", _group(name, len(shown)), [_line(one, row, line, shown) for row, line in rows])
        for name, rows in groupby(lines, key=lambda each: each[0].group)
    ]
    caption = tag("caption", cells.title, class_="again" if cells.title == heading else None)
    grid = tag("table", caption, tag("thead", tag("tr", head)), bodies)
    return tag(
        "div",
        tag("div", grid, class_="frame", role="group", aria_label=cells.title, tabindex="0"),
        teller.sources(one.captions),
        [tag("p", note, class_="note") for note in one.notes],
        class_="table",
    )


def _head(words: str, align: str | None) -> Element:
    return tag("th", words, scope="col", class_=align) if words else tag("td")


def _group(name: str, width: int) -> Element | None:
    return tag("tr", tag("th", name, scope="rowgroup", colspan=str(width)), class_="group") if name else None


def _line(one: Table, row: Row, line: tuple[str, ...], shown: tuple[int, ...]) -> Element:
    depth = f"l{row.level + bool(row.group)}"
    words = line[shown[0]].strip()
    # What is not repeated for the eye is still the row's name for who cannot see the row above.
    name = words or tag("span", str(row.cells[shown[0]] or ""), class_="again")
    first = tag("th", name, scope="row", class_=depth)
    rest = (tag("td", _cell(row, line, index), class_=_align(one, index)) for index in shown[1:])
    return tag("tr", first, rest)


def _cell(row: Row, line: tuple[str, ...], index: int) -> Element | str:
    value = row.cells[index]
    return _bar(value) if isinstance(value, Bar) else line[index]


def _bar(bar: Bar) -> Element:
    """As wide as the column; the numbers stand in the row beside it."""
    left, right = (min(1.0, max(0.0, at)) * 100 for at in sorted((bar.start, bar.end)))
    # What is too short to be seen is still drawn.
    width = max(right - left, 0.5)
    drawn = tag("rect", x=min(left, 100 - width), y=0, width=width, height=10)
    return tag("svg", drawn, viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")


def _align(one: Table, index: int) -> str | None:
    """Numbers stand below each other; numbers that carry their unit begin at the left, as texts do."""
    column = one.columns[index]
    if column.kind == "text":
        return "words" if column.fold else None
    if column.kind in DRAWN:
        return column.kind
    return None if one.inline_units else "number"
