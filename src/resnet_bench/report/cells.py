"""Raw values into texts, in one place, so that every renderer shows the same digits.

All seconds of a table share one unit, chosen by the largest of them; sizes are in MB. The unit stands in
the table's title, or beside each number where a table mixes kinds (``Table.inline_units``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from resnet_bench.report.rows import Bar, Column, Kind, Row, Span, Table, Trend, Value
from resnet_bench.units import ABSENT, MEGABYTE, Unit, format_bytes, format_rate, format_usd, number, time_unit

# From the lowest to the highest: LOWER ONE EIGHTH BLOCK to FULL BLOCK.
BARS = "".join(chr(code) for code in range(0x2581, 0x2589))
_SMALLEST_PERCENT = 0.001
# A bar's end falls on an eighth of a character, its beginning on a half: there are no characters for more.
_EIGHTHS = ("", *(chr(code) for code in range(0x258F, 0x2588, -1)))
_FULL, _RIGHT_HALF = "\N{FULL BLOCK}", "\N{RIGHT HALF BLOCK}"
BAR_CHARACTERS = "".join((*_EIGHTHS, _FULL, _RIGHT_HALF))
BAR_WIDTH = 18


@dataclass(frozen=True)
class Sheet:
    """A table as texts: ``lines[i][j]`` is the cell of row i in column j, ``groups[i]`` the group of row i."""

    title: str
    headers: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    groups: tuple[str, ...]

    def mapped(self, change: Callable[[str], str]) -> Sheet:
        """Every text as ``change`` makes it."""
        return Sheet(
            title=change(self.title),
            headers=tuple(map(change, self.headers)),
            lines=tuple(tuple(map(change, line)) for line in self.lines),
            groups=tuple(map(change, self.groups)),
        )


def sheet(table: Table, *, aligned: bool = False) -> Sheet:
    """All cells as texts. ``aligned`` pads numbers so that a column's decimal points stand below each other."""
    unit = time_unit(table.numbers("seconds"))
    columns = [_column(table, index, unit) for index in range(len(table.columns))]
    if aligned:
        columns = [
            _aligned(texts, [_is_number(row, column, row.cells[index]) for row in table.rows])
            for index, (column, texts) in enumerate(zip(table.columns, columns, strict=True))
        ]
    return Sheet(
        title=_title(table, unit),
        headers=tuple(column.title for column in table.columns),
        lines=tuple(zip(*columns, strict=True)),
        groups=tuple(row.group for row in table.rows),
    )


def _title(table: Table, unit: Unit) -> str:
    if table.inline_units:
        return table.title
    kinds = {Table.kind_of(row, column) for row in table.rows for column in table.columns}
    units = [name for kind, name in (("seconds", unit.name), ("bytes", MEGABYTE.name)) if kind in kinds]
    return f"{table.title}, {' and '.join(units)}" if units else table.title


def _column(table: Table, index: int, unit: Unit) -> list[str]:
    column = table.columns[index]
    texts: list[str] = []
    above: tuple[str, tuple[Value, ...]] | None = None
    for row in table.rows:
        value = row.cells[index]
        text = _text(value, Table.kind_of(row, column), unit, signed=column.signed, inline=table.inline_units)
        here = (row.group, row.cells[: index + 1])
        if column.once and here == above:
            text = ""
        above = here
        depth = row.level + bool(row.group)
        texts.append("  " * depth + text if index == 0 else text)
    return texts


def _text(value: Value, kind: Kind, unit: Unit, *, signed: bool, inline: bool) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return value
    if isinstance(value, Span):
        low, high = (_number(end, kind, unit) for end in (value.low, value.high))
        return f"[{low}, {high}]"
    if isinstance(value, Trend | Bar):
        return _bars(value) if isinstance(value, Trend) else _bar(value)
    if inline and kind == "bytes":
        return format_bytes(round(value))
    text = _number(value, kind, unit)
    if signed and value > 0:
        text = f"+{text}"
    beside = {"seconds": unit.name, "usd": "USD"}.get(kind) if inline else None
    return text if beside is None else f"{text} {beside}"


def _number(value: float, kind: Kind, unit: Unit) -> str:
    if kind == "seconds":
        return number(value / unit.base)
    return _WRITERS.get(kind, number)(value)


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %" if value <= 0 or value >= _SMALLEST_PERCENT else "<0.1 %"


_WRITERS: dict[Kind, Callable[[float], str]] = {
    "bytes": lambda value: number(value / MEGABYTE.base),
    "percent": _percent,
    "count": lambda value: f"{value:,.0f}",
    "usd": lambda value: format_usd(Decimal(repr(float(value)))),
    "rate": format_rate,
}


def _bars(trend: Trend) -> str:
    """One character a stretch, on a scale from the trend's own lowest to its own highest; a space where nothing is."""
    known = [value for value in trend.values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)

    def bar(value: float | None) -> str:
        if value is None:
            return " "
        # What never changes is drawn in the middle, and nothing at all at the bottom.
        share = (value - low) / (high - low) if high > low else 0.5 * bool(value)
        return BARS[min(len(BARS) - 1, int(share * len(BARS)))]

    return "".join(map(bar, trend.values))


def _bar(bar: Bar) -> str:
    """``BAR_WIDTH`` characters for the whole column; what is shorter than an eighth of one is still seen."""
    start, end = (round(min(1.0, max(0.0, at)) * BAR_WIDTH * 8) for at in sorted((bar.start, bar.end)))
    start -= start % 4
    end = max(end, start + 1)
    first, last = start // 8, end // 8
    if first == last:
        return " " * first + (_RIGHT_HALF if start % 8 else _EIGHTHS[end % 8])
    head = _RIGHT_HALF if start % 8 else _FULL
    return " " * first + head + _FULL * (last - first - 1) + _EIGHTHS[end % 8]


def _is_number(row: Row, column: Column, value: Value) -> bool:
    return Table.kind_of(row, column) != "text" and not isinstance(value, str | Span | Trend | Bar)


def _aligned(texts: Sequence[str], numeric: Sequence[bool]) -> list[str]:
    """Numbers of a column padded on both sides to one width; other texts as they are."""
    parts = [_halves(text) if is_number else ("", "") for text, is_number in zip(texts, numeric, strict=True)]
    before, after = (max((len(part[half]) for part in parts), default=0) for half in (0, 1))
    return [
        f"{whole:>{before}}{rest:<{after}}" if is_number else text
        for text, is_number, (whole, rest) in zip(texts, numeric, parts, strict=True)
    ]


def _halves(text: str) -> tuple[str, str]:
    """Split before the decimal point, or before the unit where there is none."""
    at = next((index for index, character in enumerate(text) if character in ". "), len(text))
    return text[:at], text[at:]
