"""The summary for a pull request: short, in GitHub's Markdown, with what it stands on, and no text in it is markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import make_run, make_samples
from reports import disagreeing, one_side, table
from resnet_bench.report import Page, markdown, page_of
from resnet_bench.report.cells import sheet
from resnet_bench.report.page import Section
from resnet_bench.report.rows import Caption, Column, Row, Table
from resnet_bench.results.run import Caveat, Run


def summary(run: Run) -> str:
    return markdown((page_of(run),))


def visible(text: str) -> list[str]:
    """Its lines without what is folded, and without empty ones."""
    return [line for line in re.sub("<details>.*?</details>", "", text, flags=re.DOTALL).splitlines() if line]


def cells(text: str) -> list[list[str]]:
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_verdict_and_the_tables_asked_for_are_there_in_few_lines() -> None:
    run = make_run(runs=20)
    text = summary(run)
    assert page_of(run).verdict.split(",")[0] in text
    for title in ("Warm latency side by side", "Cold start taken apart", "Memory"):
        assert f"**{title}" in text
    assert len(visible(text)) < 60


def test_every_row_has_as_many_cells_as_its_table_has_columns() -> None:
    for block in re.findall(r"(?:^\|.*\n)+", summary(make_run(runs=20)), re.MULTILINE):
        assert len({len(line) for line in cells(block)}) == 1


def test_the_cells_are_the_terminals() -> None:
    run = make_run(runs=20)
    shown = sheet(table(run, "latency")).lines[0]
    line = next(line for line in summary(run).splitlines() if line.startswith("| total"))
    assert line.replace("\\", "") == f"| {' | '.join(cell.strip() for cell in shown[:-1])} |"


def test_where_the_figures_are_from_stands_below_every_table() -> None:
    text = summary(make_run(runs=20))
    blocks = text.split("**Warm latency")[1].split("\n**")
    assert len(blocks) == 3
    for block in blocks:
        assert "<sub>Lambda: emulated, 1024 MB" in block


def test_caveats_are_folded_with_their_next_steps() -> None:
    run = make_run(runs=8, caveats=(Caveat(code="x", message="a doubt", next_step="do this"),))
    assert "- a doubt. do this" in summary(run).split("<details><summary>Caveats")[1]


def test_sides_that_disagree_get_no_tables() -> None:
    text = summary(disagreeing())
    assert "No verdict" in text
    assert "Warm latency" not in text


def test_a_run_of_one_side_has_its_first_table() -> None:
    text = summary(one_side("local", make_samples(runs=8)[:1]))
    assert len(re.findall(r"^\| ---", text, re.MULTILINE)) == 1


def test_several_pages_stand_below_each_other() -> None:
    page = page_of(make_run(runs=8))
    text = markdown((page, page))
    assert len(re.findall("^## ", text, re.MULTILINE)) == 2
    assert text.endswith("\n")


HOSTILE = "a|b\n# x <img src=y> [z](http://t.example) ![i](x) @everyone `c` *d* ~e~ $f$ \\|"


def test_a_hostile_name_stays_a_name_in_its_cell() -> None:
    samples = tuple(replace(one, engine=HOSTILE) for one in make_samples(runs=8, engines=("torch",)))
    text = summary(make_run(samples=samples))
    assert "<img" not in text
    assert "://" not in text
    assert "@everyone" not in text
    assert not re.search(r"(?<!\\)[`\[]", re.sub("</?(details|summary|sub)>", "", text))
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(line) for line in cells(block)}) == 1


@given(st.text(min_size=1))
def test_any_text_takes_one_cell_of_one_line(words: str) -> None:
    made = Table("t", "t", (Column("a", "a"), Column("b", "b")), (Row((words, words)),), (Caption(words, words),))
    text = markdown((Page("t", ("t",), (Section("t", (made,)),)),))
    assert [len(line) for line in cells(text)] == [2, 2, 2]


@pytest.mark.parametrize("drawn", [True, False])
def test_plots_make_no_difference(drawn: bool) -> None:
    run = make_run(runs=8)
    assert markdown((page_of(run, drawn=drawn),)) == summary(run)
