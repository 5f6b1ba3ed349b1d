"""Plots of what a call and a start are made of: bars of the stages' medians, and each cold start taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from resnet_bench.benchmark.picks import counted
from resnet_bench.benchmark.starts import PARTS, to_first_answer
from resnet_bench.report.cells import sheet
from resnet_bench.report.latency import side_by_side
from resnet_bench.report.markup import tag
from resnet_bench.report.names import AROUND_HANDLER, SIDES
from resnet_bench.report.plots import RIGHT, bottom_axis, mark_text, room_for, svg, text
from resnet_bench.report.scale import Scale, from_zero
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, number, time_unit

MOST_STARTS = 8
_SIDES: tuple[Side, Side] = ("local", "remote")
_BAR = 12.0
_START = 20.0
_NARROWEST_NUMBERED = 10.0


@dataclass(frozen=True)
class Stage:
    """One stage's median on each side, in seconds, with the same as the tables write it; ``None``: it has none."""

    name: str
    medians: tuple[tuple[Side, float, str], ...]


@dataclass(frozen=True)
class Start:
    """One cold start: the seconds of each part that is known, by its place in ``PARTS``."""

    side: Side
    parts: tuple[tuple[int, float], ...]
    total_s: float | None


def stages(run: Run, engine: str) -> tuple[tuple[Stage, ...], Unit]:
    """The parts of a warm call and the unit in which the table of the same figures is written."""
    table = side_by_side(run)
    at = {column.name: index for index, column in enumerate(table.columns)}
    found = []
    for row, line in zip(table.rows, sheet(table).lines, strict=True):
        is_part = row.level > 1 or row.cells[0] == AROUND_HANDLER
        cells = ((side, row.cells[at[side]], line[at[side]]) for side in _SIDES)
        medians = tuple((side, value, words) for side, value, words in cells if isinstance(value, float))
        if row.group == engine and is_part and medians:
            found.append(Stage(str(row.cells[0]), medians))
    return tuple(found), time_unit(table.numbers("seconds"))


def starts(run: Run, engine: str) -> tuple[Start, ...]:
    """Up to ``MOST_STARTS`` of each side, in the order measured."""
    return tuple(
        Start(
            side=side,
            parts=tuple(
                (place, part)
                for place, read in enumerate(PARTS.values())
                if (part := read(sample, answer)) is not None and part > 0
            ),
            total_s=to_first_answer(sample, answer),
        )
        for side in _SIDES
        for sample, answer in counted(run, engine=engine, side=side, phase="cold")[:MOST_STARTS]
    )


def bars(key: str, engine: str, shown: Sequence[Stage], unit: Unit) -> Element:
    """Two bars a stage from 0: local solid above Lambda outlined, each with its number."""
    left = room_for(one.name for one in shown) + 8
    # At the end of the longest bar stands its number.
    room = room_for(words for one in shown for _, _, words in one.medians) + 6
    longest = max(value for one in shown for _, value, _ in one.medians) / unit.base
    scale, marks = from_zero(longest, left, RIGHT - room)
    tops = []
    y = 6.0
    for one in shown:
        tops.append(y)
        y += _BAR * len(one.medians) + 10
    told = (f"{one.name} {', '.join(f'{SIDES[side]} {words}' for side, _, words in one.medians)}" for one in shown)
    return svg(
        key,
        f"{engine}: where a warm call's time goes",
        f"Medians in {unit.name}: {'; '.join(told)}.",
        y + 34,
        bottom_axis(scale, marks, mark_text, f"median, {unit.name}", top=4, y=y),
        [_stage(one, scale, unit, top) for one, top in zip(shown, tops, strict=True)],
    )


def start_bars(key: str, engine: str, shown: Sequence[Start]) -> Element:
    """A bar for each start, its parts in the order in which they happen, numbered as in ``PARTS``."""
    wholes = [sum(part for _, part in one.parts) for one in shown]
    unit = time_unit(wholes)
    names = list(_numbered(shown))
    ends = ["" if one.total_s is None else number(one.total_s / unit.base) for one in shown]
    left = room_for(names) + 8
    scale, marks = from_zero(max(wholes) / unit.base, left, RIGHT - room_for(ends) - 6)
    tops = [8 + _START * place for place in range(len(shown))]
    bottom = 6 + _START * len(shown)
    return svg(
        key,
        f"{engine}: cold starts",
        "; ".join(f"{name}: {end} {unit.name} to the first answer" for name, end in zip(names, ends, strict=True)),
        bottom + 34,
        bottom_axis(scale, marks, mark_text, f"to the first answer, {unit.name}", top=4, y=bottom),
        [
            tag(
                "g",
                text(name, scale.start - 6, top + 12, anchor="end"),
                _start(one, scale, unit, top),
                text(end, scale(whole / unit.base) + 4, top + 12, class_=f"name {one.side}"),
            )
            for one, name, end, whole, top in zip(shown, names, ends, wholes, tops, strict=True)
        ],
    )


def key_to_parts(shown: Sequence[Start]) -> Element:
    """The numbers in the bars, in words."""
    used = {place for one in shown for place, _ in one.parts}
    listed = [tag("li", f"{place + 1} {name}") for place, name in enumerate(PARTS) if place in used]
    return tag("ul", listed, class_="key")


def _stage(one: Stage, scale: Scale, unit: Unit, top: float) -> Element:
    drawn = []
    for place, (side, value, words) in enumerate(one.medians):
        y, end = top + _BAR * place, scale(value / unit.base)
        drawn += [
            tag(
                "rect", x=scale.start, y=y + 1, width=max(1.0, end - scale.start), height=_BAR - 2, class_=f"bar {side}"
            ),
            text(words, end + 4, y + _BAR - 2, class_=f"name {side}"),
        ]
    middle = top + _BAR * len(one.medians) / 2
    return tag("g", text(one.name, scale.start - 6, middle + 4, anchor="end"), drawn)


def _start(one: Start, scale: Scale, unit: Unit, top: float) -> Iterator[Element]:
    """The parts of one start, each from where the one before ended."""
    passed = 0.0
    for place, part in one.parts:
        x, end = scale(passed / unit.base), scale((passed + part) / unit.base)
        says = tag("title", f"{list(PARTS)[place]}: {number(part / unit.base)} {unit.name}")
        shade = f"part {one.side} p{place % 2}"
        yield tag("rect", says, x=x, y=top, width=end - x, height=_START - 5, class_=shade)
        if end - x >= _NARROWEST_NUMBERED:
            yield text(str(place + 1), (x + end) / 2, top + 12, anchor="middle", class_=f"place {one.side}")
        passed += part


def _numbered(shown: Sequence[Start]) -> Iterator[str]:
    """``local 1``, ``local 2``, ``Lambda 1``"""
    for side in _SIDES:
        for place, _ in enumerate([one for one in shown if one.side == side], 1):
            yield f"{SIDES[side]} {place}"
