"""The parts that every plot is made of: its frame, axes, marks and what a screen reader is told.

Drawn in user units of about a pixel on a phone, so that letters stay readable there; on a wide screen a plot grows
until it fills its column. Colours come from the page's style sheet by class, so that a plot works in light and in dark;
the two sides differ in shape and place too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from xml.etree.ElementTree import Element

from resnet_bench.report.markup import Child, tag
from resnet_bench.report.names import SIDES
from resnet_bench.report.scale import Scale
from resnet_bench.results.records import Side

WIDTH = 400.0
RIGHT = WIDTH - 14
FONT = 12.0
# The widest of the sans-serif fonts that browsers take by themselves (DejaVu Sans) needs so much for an average letter.
_LETTER = 0.62 * FONT
_DOT = 2.6

Words = Callable[[float], str]


def svg(key: str, title: str, description: str, height: float, *children: Child | Iterable[Child]) -> Element:
    """A drawing with a name and a description; ``key`` is unique on the page."""
    return tag(
        "svg",
        tag("title", title, id=f"{key}-title"),
        tag("desc", description, id=f"{key}-desc"),
        *children,
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
    )


def text(words: str, x: float, y: float, *, anchor: str = "start", class_: str | None = None) -> Element:
    return tag("text", words, x=x, y=y, text_anchor=anchor, class_=class_)


def room_for(texts: Iterable[str]) -> float:
    """The width that the longest of the texts takes, about."""
    return max((len(each) for each in texts), default=0) * _LETTER


def bottom_axis(scale: Scale, marks: Sequence[float], words: Words, name: str, *, top: float, y: float) -> Element:
    """Below the plot, with lines up to ``top``; takes 34 units. ``name`` stands under the marks."""
    return tag(
        "g",
        [tag("line", x1=scale(mark), x2=scale(mark), y1=top, y2=y, class_="grid") for mark in marks],
        [
            text(words(mark), scale(mark), y + 16, anchor=_anchor(place, len(marks)), class_="mark")
            for place, mark in enumerate(marks)
        ],
        text(name, (scale.start + scale.end) / 2, y + 30, anchor="middle", class_="mark"),
        class_="axis",
    )


def left_axis(scale: Scale, marks: Sequence[float], words: Words, *, x: float, right: float = RIGHT) -> Element:
    """Left of the plot, with lines to ``right``."""
    return tag(
        "g",
        [tag("line", x1=x, x2=right, y1=scale(mark), y2=scale(mark), class_="grid") for mark in marks],
        [text(words(mark), x - 5, scale(mark) + FONT / 3, anchor="end", class_="mark") for mark in marks],
        class_="axis",
    )


def mark_text(value: float) -> str:
    """Of a mark on an axis: as short as it can be."""
    return f"{value:,.6g}"


def dot(side: Side, x: float, y: float, says: str | None = None) -> Element:
    """A circle for this machine, a diamond for Lambda; ``says`` is shown when the pointer rests on it."""
    note = None if says is None else tag("title", says)
    if side == "local":
        return tag("circle", note, cx=x, cy=y, r=_DOT, class_=f"dot {side}")
    reach = _DOT * 1.25
    return tag(
        "path", note, d=polygon((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)), class_="dot remote"
    )


def polygon(*corners: tuple[float, float]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in corners) + "Z"


def bar(side: Side, x: float, y: float, width: float, height: float) -> Element:
    """Solid for this machine, outlined for Lambda."""
    return tag("rect", x=x, y=y, width=width, height=height, class_=f"bar {side}")


def key_to(sides: Iterable[Side], *, bars: bool = False) -> Element:
    """What the two shapes stand for: the marks of ``dot``, or of ``bar``."""
    present = set(sides)
    listed = []
    for side in SIDES:
        if side in present:
            drawn = bar(side, 1, 2, 10, 8) if bars else dot(side, 6, 6)
            listed.append(tag("li", tag("svg", drawn, viewBox="0 0 12 12", aria_hidden="true"), SIDES[side]))
    return tag("ul", listed, class_="key")


def _anchor(place: int, count: int) -> str:
    """The last mark would reach over the edge."""
    return "end" if count > 1 and place == count - 1 else "middle"
