"""Bars in a column of text: where they begin and end, and what a terminal without block characters sees."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from resnet_bench.report import render_page
from resnet_bench.report.cells import BAR_WIDTH, sheet
from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Bar, Column, Row, Table

FRACTIONS = st.floats(0, 1)


def table(*bars: Bar) -> Table:
    columns = (Column("name", "step"), Column("bar", "", "bar"))
    return Table("steps", "Steps", columns, tuple(Row((f"step {place}", bar)) for place, bar in enumerate(bars)))


def drawn(bar: Bar) -> str:
    return sheet(table(bar)).lines[0][1]


@pytest.mark.parametrize(
    ("bar", "text"),
    [
        (Bar(0, 1), "\N{FULL BLOCK}" * BAR_WIDTH),
        (Bar(0, 0.5), "\N{FULL BLOCK}" * (BAR_WIDTH // 2)),
        (Bar(0.5, 1), " " * (BAR_WIDTH // 2) + "\N{FULL BLOCK}" * (BAR_WIDTH // 2)),
        (Bar(1 / (2 * BAR_WIDTH), 2 / BAR_WIDTH), "\N{RIGHT HALF BLOCK}\N{FULL BLOCK}"),
        (Bar(0, 1.25 / BAR_WIDTH), "\N{FULL BLOCK}\N{LEFT ONE QUARTER BLOCK}"),
        (Bar(2 / 3, 1 / 3), " " * (BAR_WIDTH // 3) + "\N{FULL BLOCK}" * (BAR_WIDTH // 3)),
        (Bar(0, 0), "\N{LEFT ONE EIGHTH BLOCK}"),
    ],
)
def test_a_bar_begins_and_ends_where_its_fractions_say(bar: Bar, text: str) -> None:
    assert drawn(bar) == text


@given(FRACTIONS, FRACTIONS)
def test_every_bar_is_seen_and_none_is_wider_than_its_column(start: float, end: float) -> None:
    text = drawn(Bar(start, end))
    assert text.strip()
    # A bar of no length at the very end would stand outside: an eighth is drawn to be seen.
    assert len(text) <= BAR_WIDTH + (min(start, end) > 0.99)


def test_bars_stand_below_each_other_also_where_there_are_no_block_characters() -> None:
    raw = io.BytesIO()
    page = Page("steps", ("steps",), (Section("Steps", (table(Bar(0, 0.5), Bar(0.5, 1)),)),))
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    render_page(page, Console(file=stream, width=80))
    stream.flush()
    lines = raw.getvalue().decode().splitlines()
    first, second = (line for line in lines if line.startswith("step "))
    assert first == "step 0  " + "#" * (BAR_WIDTH // 2)
    assert second == "step 1  " + " " * (BAR_WIDTH // 2) + "#" * (BAR_WIDTH // 2)
