"""Tables as data: raw values in seconds and bytes, with what every renderer needs to know about them.

Whatever is computed is computed before it gets here; whatever is written as text comes after (``cells.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from resnet_bench.benchmark.stats import Interval

# ``percent`` holds a fraction: 0.61 is 61 %. ``ratio`` is any number without a unit. ``usd`` is US dollars, ``rate`` so
# many a second.
Kind = Literal["text", "seconds", "bytes", "ratio", "count", "percent", "usd", "rate", "trend", "bar"]
# What is drawn and has no digits.
DRAWN: frozenset[Kind] = frozenset({"trend", "bar"})


@dataclass(frozen=True)
class Span:
    """From ``low`` to ``high``: an interval or a range, as the column's title says."""

    low: float
    high: float


@dataclass(frozen=True)
class Trend:
    """How a measure went over equal stretches of time; ``None`` where there is no value."""

    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Bar:
    """A bar from ``start`` to ``end``, as fractions of the column's width: a step of a waterfall, or one from 0."""

    start: float
    end: float


Value = str | float | Span | Trend | Bar | None


@dataclass(frozen=True)
class Column:
    """``name`` is stable and meant for machines, ``title`` for people.

    ``signed`` numbers always carry their sign. ``once`` leaves out what repeats the cell above, if everything left of
    it does too. ``fold`` lets a text take several lines. A ``tight`` column belongs to the one before it and stands
    close to it. ``detail`` columns are for renderers with more than 80 columns. Where a table is too wide, columns with
    the highest ``drop`` go first; those with 0 never do.
    """

    name: str
    title: str
    kind: Kind = "text"
    signed: bool = False
    once: bool = False
    fold: bool = False
    tight: bool = False
    detail: bool = False
    drop: int = 0


@dataclass(frozen=True)
class Row:
    """One value a column; ``kind`` overrides that of every number.

    ``level`` is the depth within the row's ``group``, whose name stands above its rows.
    """

    cells: tuple[Value, ...]
    group: str = ""
    level: int = 0
    kind: Kind | None = None


@dataclass(frozen=True)
class Caption:
    """Where figures are from. ``short`` is for a page on which ``text`` stands already."""

    text: str
    short: str


@dataclass(frozen=True)
class Table:
    """Rows of one ``group`` stand together. ``inline_units`` writes the unit beside each number, not in the title.

    ``captions`` say where the figures are from, and no renderer may leave them out; ``notes`` how to read them.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    captions: tuple[Caption, ...] = ()
    notes: tuple[str, ...] = ()
    inline_units: bool = False

    @property
    def filled(self) -> tuple[int, ...]:
        """The columns that hold anything: one without a value in any row says nothing."""
        columns = range(len(self.columns))
        return tuple(index for index in columns if any(row.cells[index] is not None for row in self.rows))

    def numbers(self, kind: Kind) -> Iterator[float]:
        """Every number of one kind, the ends of intervals among them."""
        for row in self.rows:
            for column, value in zip(self.columns, row.cells, strict=True):
                if self.kind_of(row, column) != kind:
                    continue
                if isinstance(value, Span):
                    yield from (value.low, value.high)
                elif value is not None and not isinstance(value, str | Trend | Bar):
                    yield value

    @staticmethod
    def kind_of(row: Row, column: Column) -> Kind:
        return column.kind if row.kind is None or column.kind in {"text", *DRAWN} else row.kind


def span(interval: Interval | None) -> Span | None:
    return None if interval is None else Span(interval.low, interval.high)
