"""The page of a memory sweep."""

from __future__ import annotations

from resnet_bench import report
from resnet_bench.report.tuned import tune_page
from resnet_bench.results import records as r
from sweeps import make_sizes

KILLED = r.Failed(error="OutOfMemory", message="killed at its memory limit of 128 MB")
WARM = [0.2 + 0.001 * number for number in range(12)]
SIZES = {128: [], 512: [2.5 * each for each in WARM], 1024: WARM, 3008: [0.9 * each for each in WARM]}


def printed(page: report.Page) -> str:
    import io

    from rich.console import Console

    out = io.StringIO()
    report.render_page(page, Console(file=out, width=80), width=80)
    return out.getvalue()


def test_it_fits_80_columns_and_shows_dead_sizes_as_rows() -> None:
    text = printed(tune_page(make_sizes(SIZES, failed={128: KILLED})))
    assert max(map(len, text.splitlines())) <= 80
    assert "out of memory" in text
    assert "p50 over memory" in text
    assert "cost over memory" in text
    assert "list prices of us-east-1" in text
    assert "cold share 0" in text


def test_the_verdict_goes_by_the_strategy_and_names_condition_and_figures() -> None:
    run = make_sizes(SIZES)
    assert tune_page(run, "speed").verdict.startswith("By speed, take onnx at 3008 MB: fastest, warm p50 (19")
    assert tune_page(run, "cost").verdict.startswith("By cost, take onnx at 1024 MB: cheapest a request (2")
    assert "USD a million requests" in tune_page(run).verdict


def test_a_size_without_room_is_not_recommended_without_saying_so() -> None:
    full = tune_page(make_sizes({512: WARM, 1024: [2 * each for each in WARM]}, used_mb=490))
    assert "but 96% of its memory is in use" in full.verdict
    assert "more than 90% of its memory in use" in printed(full)


def test_without_a_size_that_works_there_is_no_verdict_and_no_choice() -> None:
    page = tune_page(make_sizes({128: []}, failed={128: KILLED}))
    assert page.verdict.startswith("No verdict")
    assert [table.name for table in page.tables] == ["sizes", "costs"]


def test_a_run_that_was_interrupted_before_its_first_sample_has_a_page() -> None:
    page = tune_page(make_sizes({}, finished=False))
    assert page.tables == ()
    assert page.verdict.startswith("No verdict")


def test_the_plot_has_time_and_cost_on_axes_of_their_own() -> None:
    page = tune_page(make_sizes(SIZES, failed={128: KILLED}))
    (figure,) = [figure for section in page.sections for figure in section.figures]
    time, cost = figure.traces
    assert time["x"] == cost["x"] == [512, 1024, 3008]
    assert (time.get("yaxis"), cost["yaxis"]) == (None, "y2")
    assert "1024 MB" in figure.description
