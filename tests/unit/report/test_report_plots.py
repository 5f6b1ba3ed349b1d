"""The report's plots: a mark for each call, the tables' numbers beside them, and where they are from at every one."""

from __future__ import annotations

import itertools
import re
from importlib import resources

import pytest

from factories import make_answer, make_deployment, make_enforcement, make_facts, make_failed, make_run, make_sample
from html_page import Node, parsed
from metric_series import make_series
from reports import disagreeing, table
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.cells import sheet
from resnet_bench.report.charts import LINES
from resnet_bench.report.html import html
from resnet_bench.results.records import Side, Skipped
from resnet_bench.results.run import Run


def figures(run: Run) -> list[Node]:
    return parsed(html(run)).all("figure")


def lines(run: Run, name: str) -> list[list[str]]:
    """Of a table's first engine, as they are printed."""
    made = table(run, name)
    printed = zip(made.rows, sheet(made).lines, strict=True)
    return [[line[0].strip(), *line[1:]] for row, line in printed if row.group == made.rows[0].group]


def title(figure: Node) -> str:
    return figure.all("h3")[0].text()


def test_a_comparison_is_drawn_engine_by_engine() -> None:
    whats = (
        "warm totals",
        "warm totals in the order measured, ms",
        "where a warm call's time goes",
        "cold starts",
    )
    expected = [f"{engine}: {what}" for engine in ("torch", "onnx") for what in whats]
    assert [title(one) for one in figures(make_run())] == expected


@pytest.mark.parametrize(
    "run",
    [disagreeing(), make_run(samples=(), finished=False), make_run(samples=(make_failed("local"), make_failed()))],
    ids=["disagreement", "nothing", "failures"],
)
def test_no_figures_are_drawn_where_the_sides_disagree_or_nothing_was_measured(run: Run) -> None:
    assert not figures(run)


def test_every_warm_call_has_its_mark_and_the_median_is_the_tables() -> None:
    run = make_run(runs=20)
    strip, course, *_ = figures(run)
    for figure in (strip, course):
        assert len(figure.all("circle")) == 20 + 1  # and one in the key
    (line,) = (one for one in lines(run, "distribution") if one[:2] == ["total", "local"])
    assert f"local: p50 {line[3]} ms, 95 % interval {line[4]}" in strip.text()


def test_bars_carry_the_tables_numbers() -> None:
    run = make_run(runs=20)
    numbers = {one.text() for one in figures(run)[2].all("text") if one.classed("name")}
    stages = [one for one in lines(run, "latency") if one[0] in {"decode", "inference"}]
    assert len(stages) == 2
    for _, local, remote, *_ in stages:
        assert {local, remote} <= numbers


def test_the_parts_of_a_start_are_drawn_end_to_end() -> None:
    bars = [one for one in figures(make_run(runs=8))[3].all("rect") if one.classed("local")]
    rows = itertools.groupby(bars, key=lambda one: one.attributes["y"])
    starts = [
        [(float(str(one.attributes["x"])), float(str(one.attributes["width"]))) for one in row] for _, row in rows
    ]
    assert len(starts) == 3
    for parts in starts:
        assert len(parts) > 3
        for (x, width), (following, _) in itertools.pairwise(parts):
            assert x + width == pytest.approx(following, abs=0.03)


def test_only_so_many_starts_are_drawn_and_this_is_said() -> None:
    samples = tuple(make_sample(phase="cold", pair=pair) for pair in range(30))
    (figure,) = figures(make_run(samples=samples))
    assert len({one.attributes["y"] for one in figure.all("rect")}) == 8
    assert "8 of each side at most are drawn" in figure.text()


def test_a_metric_without_data_is_said_in_its_chart_and_has_no_line() -> None:
    metrics = (
        make_series(),
        make_series(label="p90", points=()),
        make_series(title="Initialisation", label="mean", points=()),
        make_series(title="Errors", label="rate", points=Skipped("an expression")),
    )
    duration, empty = parsed(html(None, metrics)).all("figure")
    assert [title(one) for one in (duration, empty)] == ["Duration, ms", "Initialisation, ms"]
    assert "p90: no data" in duration.text()
    assert len(duration.all("polyline")) == 1
    assert "no data" in empty.all("svg")[0].text()
    assert not empty.all("polyline")


def test_there_is_no_mark_at_half_a_call() -> None:
    (figure,) = parsed(html(None, (make_series(lambda _: 2.0, unit="count", title="Calls"),))).all("figure")
    assert [one.text() for one in figure.all("text") if one.text().replace(".", "").isdigit()] == ["0", "1", "2"]


def test_what_is_not_limited_is_said_at_every_figure() -> None:
    found = figures(make_run(runs=8, deployment=make_deployment(enforcement=make_enforcement("none"))))
    assert found
    for figure in found:
        assert "CPU not limited" in figure.text()


def test_untrained_weights_are_said_at_the_top_and_at_every_figure() -> None:
    sides: tuple[Side, Side] = ("local", "remote")
    answers = {side: make_answer(side=side, runtime=make_facts(trained=False)) for side in sides}
    samples = tuple(make_sample(side, pair=pair, outcome=answers[side]) for pair in range(8) for side in sides)
    root = parsed(html(make_run(samples=samples)))
    assert [one.text() for one in root.all("p") if one.classed("warning")] == [UNTRAINED]
    assert root.all("figure")
    for figure in root.all("figure"):
        assert UNTRAINED in figure.text()


STYLE = resources.files("resnet_bench.report").joinpath("page.css").read_text(encoding="utf-8")


def channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def contrast(one: list[float], other: list[float]) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(colour: list[float]) -> float:
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def palettes() -> list[dict[str, list[float]]]:
    roots = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    return [{name: channels(one) for name, one in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", root)} for root in roots]


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_letters_and_lines_stand_out_from_what_is_behind_them(palette: dict[str, list[float]]) -> None:
    on_paper = set(palette) - {"paper", "tint", "line", "on-bar"}
    assert len(on_paper) == 11
    for name in on_paper:
        assert contrast(palette[name], palette["paper"]) >= 4.5, name
    assert contrast(palette["ink"], palette["tint"]) >= 4.5
    (shade,) = (float(found) for found in re.findall(r"\.part\.p1 \{ fill-opacity: ([\d.]+);", STYLE))
    for side in ("local", "remote"):
        pairs = zip(palette[side], palette["paper"], strict=True)
        bar = [shade * colour + (1 - shade) * paper for colour, paper in pairs]
        assert contrast(palette["on-bar"], palette[side]) >= 4.5
        assert contrast(palette["on-bar"], bar) >= 4.5


def test_each_line_of_a_chart_has_dashes_of_its_own() -> None:
    rules = re.findall(r"svg \.c\d \{([^}]*)\}", STYLE)
    dashes = [re.search(r"stroke-dasharray: ([^;]+)", rule) for rule in rules]
    assert len({found and found[1] for found in dashes}) == len(rules) == LINES
