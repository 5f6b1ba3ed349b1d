"""The page of a memory sweep."""

from __future__ import annotations

from msgspec.structs import replace

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
    assert "rather take the next size up" in full.verdict
    assert "more than 90% of its memory in use" in printed(full)


def test_each_engine_has_its_own_choice_and_the_verdict_names_the_best_of_all() -> None:
    fast, slow = make_sizes({512: [2.5 * each for each in WARM], 1024: WARM}), make_sizes({512: WARM, 1024: WARM})
    torch = tuple(replace(each, engine="torch") for each in slow.samples)
    settings = replace(fast.settings, engines=("onnx", "torch"))
    page = tune_page(replace(fast, samples=(*fast.samples, *torch), settings=settings))
    (table,) = (table for table in page.tables if table.name == "choices")
    assert [(row.group, *row.cells[:2]) for row in table.rows] == [
        ("onnx", "cost", "1024 MB"),
        ("onnx", "speed", "1024 MB"),
        ("onnx", "balanced", "1024 MB"),
        ("torch", "cost", "512 MB"),
        ("torch", "speed", "512 MB"),
        ("torch", "balanced", "512 MB"),
    ]


def test_a_size_that_is_as_good_is_told_with_what_speaks_for_it() -> None:
    shaken = [each * (1.02 if number % 2 else 0.99) for number, each in enumerate(WARM)]
    verdict = tune_page(make_sizes({1024: shaken, 1769: WARM}), "speed").verdict
    assert "as good, within what was measured: onnx at 1" in verdict
    assert "which is cheaper (1.0" in verdict


def test_a_lost_call_stands_in_its_row_and_what_it_said_below() -> None:
    lost = r.Failed(error="HttpError", message="it answered 502", status=502)
    text = printed(tune_page(make_sizes(SIZES, failed={128: KILLED, 512: lost})))
    assert "1 failed" in text
    assert "onnx at 512 MB, 1 failed: it answered 502." in text
    assert "memory limit of 128 MB" not in text, "the row says it"


def test_observers_are_told_by_size_where_they_differ() -> None:
    run = make_sizes({512: WARM, 1024: WARM})
    late = r.Skipped("not there yet", pending=True)
    samples = tuple(
        replace(each, report=late, trace=late) if each.variant == "512 MB" else each for each in run.samples
    )
    (table,) = (table for table in tune_page(replace(run, samples=samples)).tables if table.name == "costs")
    assert "billed: billed time in Lambda's REPORT lines (onnx at 1024 MB)." in table.notes
    assert "billed: the handler's own total, rounded up to 1 ms (onnx at 512 MB)." in table.notes


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
    assert any("list prices of us-east-1, read in" in caption.text for caption in figure.captions)
