"""CloudWatch's metrics as rows and on a terminal: what was measured, what was not, and how it went."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from factories import make_run
from metric_series import PERIOD_S, START_S, make_series
from reports import row
from resnet_bench.report import metrics_document, metrics_page, page_document, page_of, render_page
from resnet_bench.report.cells import BARS, sheet
from resnet_bench.report.figures.watched import watched_figures
from resnet_bench.report.rows import Table, Trend
from resnet_bench.report.watched import watched
from resnet_bench.results.metrics import MetricSeries, Point
from resnet_bench.results.records import Skipped

MIB = 1024 * 1024


def printed(metrics: Sequence[MetricSeries], encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    render_page(metrics_page(metrics), Console(file=stream, width=80))
    stream.flush()
    return raw.getvalue().decode(encoding)


def table(*metrics: MetricSeries) -> Table:
    made = watched(metrics)
    assert made is not None
    return made


def cells(series: MetricSeries) -> list[str]:
    """Of a table with this line alone, as texts, without the trend."""
    return list(sheet(table(series)).lines[0][1:-1])


def test_a_line_shows_the_latest_the_lowest_the_median_and_the_highest() -> None:
    found = row(table(make_series(lambda minute: 0.1 + 0.01 * minute, minutes=5)), metric="p50")
    assert (found["latest"], found["min"], found["median"], found["max"]) == pytest.approx((0.14, 0.1, 0.12, 0.14))
    assert found["group"] == "Duration"


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("seconds", 0.2, "200 ms"),
        ("bytes", 314 * MIB, "314 MB"),
        ("percent", 0.307, "30.7 %"),
        ("count", 3.0, "3"),
        ("count", 0.25, "0.250"),
        ("number", 7.5, "7.50"),
    ],
)
def test_values_are_written_in_their_unit_and_an_average_count_with_its_fraction(
    unit: str, value: float, text: str
) -> None:
    assert cells(make_series(lambda _: value, unit=unit)) == [text] * 4


def test_no_data_is_said_and_never_drawn_as_zero() -> None:
    nothing = make_series(lambda _: None, unit="count", label="throttles")
    assert cells(nothing) == ["no data", "\N{EN DASH}", "\N{EN DASH}", "\N{EN DASH}"]
    assert row(table(nothing), metric="throttles")["trend"] is None
    lines = printed([make_series(), nothing]).splitlines()
    (line,) = (line for line in lines if "throttles" in line)
    assert "no data" in line
    assert "0" not in line
    assert not set(line) & set(BARS)


def test_what_was_not_asked_for_is_told_with_its_reason() -> None:
    made = table(make_series(points=Skipped("an expression"), label="rate", title="Errors"))
    assert row(made, metric="rate")["latest"] == "not read"
    assert "Errors, rate: an expression." in made.notes


def test_what_cloudwatch_said_about_a_line_stands_below_the_table() -> None:
    assert "Duration, p50: only a part." in table(make_series(remark="only a part")).notes


def test_a_trend_leaves_gaps_where_nothing_was_measured() -> None:
    made = table(make_series(lambda minute: None if 6 <= minute < 12 else 1.0, minutes=20))
    trend = row(made, metric="p50")["trend"]
    assert [value is None for value in trend.values] == [False] * 6 + [True] * 6 + [False] * 8


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ((1.0, 2.0, 3.0), "▁▅█"),
        ((1.0, None, 3.0), "▁ █"),
        ((2.0, 2.0), "▅▅"),
        ((0.0, 0.0), "▁▁"),
    ],
)
def test_a_trend_is_drawn_from_its_lowest_to_its_highest(values: tuple[float | None, ...], drawn: str) -> None:
    made = table(make_series(lambda minute: values[minute], minutes=len(values)))
    assert sheet(made).lines[0][-1] == drawn


@given(st.lists(st.none() | st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=300))
def test_a_trend_has_a_character_a_stretch_and_a_bar_exactly_where_there_is_data(values: list[float | None]) -> None:
    made = table(make_series(lambda minute: values[minute], minutes=len(values)))
    trend = made.rows[0].cells[-1]
    if not any(value is not None for value in values):
        assert trend is None
        return
    assert isinstance(trend, Trend)
    assert len(trend.values) == min(20, len(values))
    drawn = sheet(made).lines[0][-1]
    assert len(drawn) == len(trend.values)
    assert [each == " " for each in drawn] == [value is None for value in trend.values]
    known = [value for value in values if value is not None]
    assert all(min(known) - 1e-3 <= value <= max(known) + 1e-3 for value in trend.values if value is not None)


MANY = (
    make_series(label="a name of a metric that is rather longer than the usual one"),
    make_series(unit="bytes", title="Memory", label="peak RSS", points=(Point(START_S, 1.0 * MIB),)),
    make_series(unit="count", title="Calls", label="invocations"),
)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_terminal_shows_it_all_in_80_columns_in_the_characters_that_it_has(encoding: str) -> None:
    text = printed(MANY, encoding)
    assert max(map(len, text.splitlines())) <= 80
    assert "?" not in text
    assert "peak RSS" in text
    assert ("█" in text) == (encoding == "utf-8")
    assert ("#" in text) == (encoding == "ascii")


def test_a_table_says_that_the_figures_are_cloudwatchs_and_of_when() -> None:
    (caption,) = table(make_series()).captions
    assert caption.text == "CloudWatch's own aggregates, 2026-11-24 06:00 to 2026-11-24 06:30 UTC, in periods of 1 min"


def test_a_dashboard_without_metrics_is_told() -> None:
    assert watched(()) is None
    assert printed(()).splitlines()[2:] == ["The dashboard draws no metrics.", ""]


def test_documents_hold_raw_values_and_gaps_as_null() -> None:
    metrics = (make_series(lambda minute: None if minute == 1 else 0.5, minutes=3),)
    for text in (
        metrics_document(metrics, "https://example.org"),
        page_document(page_of(make_run(runs=6), metrics=metrics), metrics=metrics),
    ):
        found = json.loads(text)
        assert found["metrics"][0]["points"] == [[START_S, 0.5], [START_S + 2 * PERIOD_S, 0.5]]
        assert found["tables"][-1]["rows"][0]["cells"]["trend"] == [0.5, None, 0.5]


def test_lines_of_a_widget_share_a_figure_unless_their_kinds_differ() -> None:
    metrics = (
        make_series(label="p50"),
        make_series(label="p90"),
        make_series(label="share", unit="percent"),
        make_series(label="rate", points=Skipped("an expression")),
    )
    found = [(one.title, [line["name"] for line in one.traces]) for one in watched_figures(metrics)]
    assert found == [("Duration, ms", ["p50", "p90"]), ("Duration, %", ["share"])]


def test_a_line_without_data_says_so_in_its_figure() -> None:
    (figure,) = watched_figures((make_series(), make_series(label="p90", points=())))
    assert [line["name"] for line in figure.traces] == ["p50", "p90: no data"]
    assert figure.traces[1]["y"] == []
    assert figure.description.endswith("p90: no data.")


def test_a_figure_without_any_data_says_so_and_a_few_calls_have_no_halves() -> None:
    (empty,) = watched_figures((make_series(points=()),))
    (few,) = watched_figures((make_series(lambda _: 3.0, unit="count"),))
    (many,) = watched_figures((make_series(lambda _: 300.0, unit="count"),))
    assert [one["text"] for one in empty.layout["annotations"]] == ["no data"]
    assert few.layout["yaxis"]["dtick"] == 1
    assert "dtick" not in many.layout["yaxis"]
    assert not {"annotations"} & (set(few.layout) | set(many.layout))


@given(st.lists(st.integers(0, 60), unique=True).map(sorted))
def test_a_line_is_broken_exactly_where_a_period_is_missing(minutes: list[int]) -> None:
    points = tuple(Point(START_S + PERIOD_S * minute, 1.0) for minute in minutes)
    (figure,) = watched_figures((make_series(points=points, unit="number"),))
    (line,) = figure.traces
    assert [value for value in line["y"] if value is not None] == [1.0] * len(minutes)
    assert line["y"].count(None) == sum(b - a > 1 for a, b in itertools.pairwise(minutes))
    assert line["x"] == sorted(line["x"])
    assert line["connectgaps"] is False
