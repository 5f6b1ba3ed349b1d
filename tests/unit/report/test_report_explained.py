"""The page of ``explain``: the waterfall adds up and fits, and the verdict says what is certain and no more."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from rich.console import Console

from factories import make_enforcement
from ladders import EMULATED_S, explained, memory_of
from resnet_bench.analysis import ladder as rungs
from resnet_bench.analysis.ladder import ladder
from resnet_bench.report import page_document, page_of, render_page
from resnet_bench.report.explained import explain_page
from resnet_bench.report.rows import Bar, Table
from resnet_bench.report.waterfall import waterfall
from resnet_bench.results.records import Answer
from resnet_bench.results.run import Caveat, Run

MIB = 1024 * 1024


def printed(run: Run, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True, highlight=False, markup=False, emoji=False)
    render_page(explain_page(run), console, width=width)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def named(run: Run, name: str) -> Table:
    (found,) = (table for table in explain_page(run).tables if table.name == name)
    return found


def column(table: Table, name: str) -> list[object]:
    (index,) = (place for place, one in enumerate(table.columns) if one.name == name)
    return [row.cells[index] for row in table.rows]


def bars_of(table: Table) -> list[Bar]:
    return [bar for bar in column(table, "bar") if isinstance(bar, Bar)]


# --- the waterfall ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [{}, {rungs.SHARE: -0.02}, {rungs.THREADS: -0.06}])
def test_each_bar_begins_where_the_one_before_ended_whichever_way_it_goes(steps: dict[str, float]) -> None:
    run = explained(steps=steps, noise=0.01)
    local, *risers, remote, gap = bars_of(named(run, "ladder"))
    ends = [local.end, *(bar.end for bar in risers)]
    assert [bar.start for bar in risers] == pytest.approx(ends[:-1])
    assert remote.end == pytest.approx(ends[-1])
    assert (gap.start, gap.end) == pytest.approx((local.end, remote.end))
    assert local.start == remote.start
    assert all(0 <= end <= 1 for bar in (local, *risers, remote, gap) for end in (bar.start, bar.end))


def test_the_plot_is_of_the_same_numbers_as_the_table() -> None:
    run = explained(noise=0.01)
    made = ladder(run, "onnx")
    assert made is not None
    (trace,) = waterfall(run, made).traces
    added = column(named(run, "ladder"), "adds")[1:-2]
    assert trace["y"][1:-1] == pytest.approx([1000 * float(str(value)) for value in added])
    assert trace["y"][-1] == pytest.approx(sum(trace["y"][:-1]))
    assert trace["measure"] == ["absolute", *["relative"] * 6, "total"]
    assert len(trace["x"]) == len(trace["customdata"]) == len(trace["text"]) == 8


@pytest.mark.parametrize(("mechanism", "says"), [("cgroup-v2", "held to that of 1024 MB"), ("none", "CPU not limited")])
def test_the_caption_says_how_the_limited_rungs_were_held(mechanism: str, says: str) -> None:
    run = replace(explained(), local_enforcement=make_enforcement(mechanism))
    assert any(says in caption.text for caption in named(run, "ladder").captions)


# --- the page -----------------------------------------------------------------------------------------------------


def everything(**changes: object) -> Run:
    run = explained(engines=("onnx", "torch"), local_enforcement=make_enforcement(), **changes)  # type: ignore[arg-type]
    return replace(run, memory_steps=(*memory_of(MIB), *memory_of(90 * MIB, engine="torch")))


@pytest.mark.parametrize("run", [everything(), everything(deployed=True), everything(noise=0.4), explained(runs=4)])
def test_the_page_fits_80_columns_and_any_wider_terminal(run: Run) -> None:
    for width in (80, 120):
        assert max(map(len, printed(run, width).splitlines())) <= width


def test_both_renderers_get_every_table_and_show_finds_the_page_by_the_command() -> None:
    run = everything()
    names = [table["name"] for table in json.loads(page_document(page_of(run)))["tables"]]
    assert names == ["ladder", "explanations", "cold", "cold_shares", "memory_steps", "memory_explanations"]
    figures = [figure.title for section in explain_page(run).sections for figure in section.figures]
    assert len([title for title in figures if title.endswith("from the local total to Lambda's")]) == 2


def test_reasons_are_told_once_for_all_engines_and_by_engine_where_they_differ() -> None:
    notes = named(everything(), "explanations").notes
    assert len([note for note in notes if note.startswith("the network: ")]) == 1
    assert [note.partition(":")[0] for note in notes if note.startswith("cold starts")] == [
        "cold starts, onnx",
        "cold starts, torch",
    ]


def test_doubts_about_what_is_not_shown_are_left_out() -> None:
    caveats = tuple(Caveat(code=code, message="m", next_step="n") for code in ("trace-coverage", "drift"))
    shown = explain_page(replace(explained(), caveats=caveats)).caveats
    assert "drift" in {caveat.code for caveat in shown}
    assert not {"trace-coverage", "thin-tail"} & {caveat.code for caveat in shown}


# --- the verdict --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (explained(noise=0.01), "and Lambda's CPU share explains 7"),
        (explained(deployed=True, steps={rungs.SHARE: 0.0, rungs.HARDWARE: -0.3}), "the other hardware explains"),
        (explained(runs=4), "fewer than 6 pairs tell nothing certain"),
        (explained(steps=dict.fromkeys(EMULATED_S, 0.0), noise=0.05), "there is no gap to explain"),
        (explained(runs=0), "No verdict: no image has been through every rung"),
    ],
)
def test_the_verdict_says_what_is_certain(run: Run, says: str) -> None:
    assert says in explain_page(run).verdict


def test_sides_that_disagree_get_no_ladder() -> None:
    run = explained()
    samples = [
        replace(one, outcome=replace(one.outcome, predictions=other(one.outcome)))
        if (one.side, one.variant, one.pair) == ("remote", "", 3) and isinstance(one.outcome, Answer)
        else one
        for one in run.samples
    ]
    page = explain_page(replace(run, samples=tuple(samples)))
    assert page.verdict.startswith("No verdict: the two sides classify differently")
    assert [table.name for table in page.tables] == ["mismatches"]


def other(answer: Answer) -> Sequence[object]:
    first, *rest = answer.predictions
    return (replace(first, probability=first.probability - 0.1), *rest)
