"""The page of a load test: what each side carries, in 80 columns, whatever happened on the way."""

from __future__ import annotations

import io
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from factories import make_answer, make_environment, make_facts, make_failed, make_level, make_sample
from loads import answered, run_of, steady, steady_run
from reports import rows
from resnet_bench import report
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.loaded import load_page
from resnet_bench.report.page import Page
from resnet_bench.report.rows import Span
from resnet_bench.results.levels import LoadClients
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run

RATES: dict[Any, dict[int, float]] = {
    "local": {1: 20.0, 2: 40.0, 4: 40.2, 8: 40.0},
    "remote": {1: 5.0, 2: 10.0, 4: 20.0, 8: 40.0},
}
RUN = steady_run(RATES)
NO_ROOM = Skipped("8 environments of 1,024 MB may fill 8,192 MB; this machine has 4,096 MB left")


def printed(page: Page) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    report.render_page(page, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def levels_of(run: Run) -> list[dict[str, Any]]:
    return rows(load_page(run).tables[0])


def test_each_level_of_each_side_is_a_row_with_throughput_latency_and_what_went_wrong() -> None:
    shown = levels_of(RUN)
    assert [row["at_once"] for row in shown] == [1, 2, 4, 8] * 2
    first = shown[0]
    assert first["throughput"] == pytest.approx(20.0, rel=0.01)
    assert isinstance(first["throughput_interval"], Span)
    assert first["p50"] == first["p99"] == pytest.approx(0.05)
    assert (first["answers"], first["cold"], first["refused"], first["failed"]) == (500, 0, 0, 0)


def test_scaling_has_its_interval_and_says_what_it_took_of_the_machine() -> None:
    shown = rows(load_page(RUN).tables[1])
    eight = shown[7]
    assert eight["efficiency"] == pytest.approx(1.0, rel=0.02)
    assert eight["efficiency_interval"].low <= 1.0 <= eight["efficiency_interval"].high
    assert eight["side_cpus"] == pytest.approx(2 * 0.579), "two may work at once"
    assert eight["client_cpus"] == pytest.approx(1.2 / 30.02)
    assert shown[0]["efficiency"] is None, "it is what the others are told against"


def test_the_verdict_says_where_each_side_ends_or_that_it_was_not_reached() -> None:
    verdict = load_page(RUN).verdict
    assert "the server here answers no more than about 40.0 /s (95 % interval" in verdict
    assert "reached with 2 callers at once, beyond which callers only wait longer (p95 400 ms at 8)" in verdict
    assert "1024 MB Lambda (0.58 vCPU, cgroup-v2) answers 40.0 /s" in verdict
    assert "the most that were tried, and was still growing (1.00 of perfect scaling" in verdict
    assert "shared this machine's CPUs" not in verdict, "it has 24"


def test_the_verdict_says_that_callers_and_server_shared_the_cpus() -> None:
    run = replace(RUN, environment=make_environment(cpus_count=1))
    assert load_page(run).verdict.endswith(
        "read the figures as the least that a side can do, not as what it would do alone."
    )
    assert "load-shares-cpus" in {caveat.code for caveat in load_page(run).caveats}


def test_where_more_are_refused_than_answered_the_verdict_says_so() -> None:
    one, eight = make_level("remote", 1), make_level("remote", 8)
    refusals = [make_failed(status=503, variant=eight.variant, phase="load")] * 1000
    run = run_of([(one, list(steady(one, 5.0))), (eight, [*steady(eight, 5.0), *refusals])])
    assert "beyond which calls are refused (1,000 of 1,150 at 8)" in load_page(run).verdict
    assert [row["refused"] for row in levels_of(run)] == [0, 1000]
    assert any("whoever was refused waited 0.1 s" in note for note in load_page(run).tables[0].notes)


def test_too_few_answers_make_no_claim() -> None:
    page = load_page(steady_run({"remote": {1: 0.4, 2: 0.8}}))
    assert "cannot be told of so few answers" in page.verdict
    assert [row["efficiency"] for row in rows(page.tables[1])] == [None, None]


def test_a_level_that_was_left_out_is_a_row_that_says_so() -> None:
    one, eight = make_level("remote", 1), make_level("remote", 8, clients=NO_ROOM)
    page = load_page(run_of([(one, list(steady(one, 5.0))), (eight, [])]))
    shown = rows(page.tables[0])
    assert (shown[1]["at_once"], shown[1]["throughput"], shown[1]["p50"]) == (8, "left out", None)
    assert f"torch, Lambda, 8 at once: left out, since {NO_ROOM.reason}." in page.tables[0].notes


def test_an_interrupted_test_shows_what_it_has() -> None:
    whole = make_level("local", 1)
    clients = LoadClients(began_at="2026-11-22T08:10:00+00:00", elapsed_s=3.0, cpu_s=0.1, between_s=None)
    short = make_level("remote", 1, duration_s=3.0, clients=clients)
    run = run_of([(whole, list(steady(whole, 20.0))), (short, [answered(short, 0.0, 2.0)])], finished=False)
    page = load_page(run)
    assert any(line.startswith("interrupted:") for line in page.headline)
    assert [row["throughput"] for row in rows(page.tables[0])][1] == "interrupted"
    assert "the server here answers 20.0 /s" in page.verdict


def test_before_a_level_was_whole_there_is_no_verdict_and_no_table() -> None:
    page = load_page(run_of([], finished=False))
    assert page.verdict == "No verdict: no level was measured to its end."
    assert page.sections == ()
    assert "callers at once" in page.headline[0]


def test_no_figures_are_compared_where_the_sides_classify_differently() -> None:
    local, remote = make_level("local", 1), make_level("remote", 1)
    other = make_answer(side="remote")
    other = replace(other, predictions=(replace(other.predictions[0], probability=0.1), *other.predictions[1:]))
    wrong = make_sample("remote", phase="load", variant=remote.variant, outcome=other)
    page = load_page(run_of([(local, [make_sample("local", phase="load", variant=local.variant)]), (remote, [wrong])]))
    assert [table.name for table in page.tables] == ["mismatches"]
    assert page.verdict == "No verdict: the two sides classify differently in 1 call."
    printed(page)


def test_untrained_weights_are_told_above_all() -> None:
    (sample, *others) = RUN.samples
    raw = replace(sample, outcome=make_answer(runtime=make_facts(trained=False)))
    assert load_page(replace(RUN, samples=(raw, *others))).warning == UNTRAINED


def test_the_local_side_is_told_for_what_it_is() -> None:
    (caption, *_) = load_page(RUN).tables[0].captions
    assert caption.text == "local: a server process here, 2 workers of 1 thread, called over loopback"


def test_the_page_fits_80_columns_with_large_numbers_and_long_ones() -> None:
    slow, fast = make_level("remote", 1), make_level("remote", 256)
    refusals = [make_failed(status=429, variant=fast.variant, phase="load")] * 12_345
    cold = [answered(fast, 6.0, 12.3456, cold=True) for _ in range(256)]
    run = run_of([(slow, list(steady(slow, 1.7, 0.5713))), (fast, [*steady(fast, 123.4, 2.07), *cold, *refusals])])
    text = printed(load_page(replace(run, environment=make_environment(cpus_count=1))))
    assert max(map(len, text.splitlines())) <= 80, text


def test_both_plots_show_both_sides_with_their_intervals_and_say_so_in_words() -> None:
    (section,) = load_page(RUN).sections
    throughput, latency = section.figures
    assert [trace["name"] for trace in throughput.traces] == ["local", "Lambda"]
    assert [trace["meta"]["color"] for trace in throughput.traces] == ["local", "remote"]
    assert throughput.traces[0]["x"] == [1, 2, 4, 8]
    assert throughput.traces[0]["y"] == pytest.approx([20.0, 40.0, 40.2, 40.0], rel=0.01)
    assert all(reach > 0 for reach in throughput.traces[0]["error_y"]["array"])
    assert throughput.description.startswith("local: 20.0 /s at 1, 40.0 /s at 2")
    assert latency.traces[1]["y"] == pytest.approx([50.0, 100.0, 200.0, 400.0])
    assert latency.layout["yaxis"]["title"]["text"] == "latency, p95, ms"
    assert latency.captions == throughput.captions != ()


def test_one_level_alone_makes_no_plot() -> None:
    (section,) = load_page(steady_run({"local": {4: 20.0}})).sections
    assert section.figures == ()


def test_a_saved_load_test_is_shown_by_this_page() -> None:
    assert report.page_of(RUN).name == "load"
