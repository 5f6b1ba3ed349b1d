"""The figures of a run: every call in them, the tables' own numbers, and where they are from at every one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from factories import (
    make_answer,
    make_attempt,
    make_deployment,
    make_enforcement,
    make_facts,
    make_failed,
    make_run,
    make_sample,
    make_samples,
)
from reports import disagreeing, one_side, row, table
from resnet_bench.benchmark.series import series
from resnet_bench.report import page_of
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures import COLD, LATENCY, MEMORY, TRACES, figures
from resnet_bench.results.records import Sample, Side
from resnet_bench.results.run import Run

SIDES: tuple[Side, Side] = ("local", "remote")
NAMES = {"local": "local", "remote": "Lambda"}


def everything(run: Run) -> list[Figure]:
    return [one for found in figures(run).values() for one in found]


def titled(run: Run, words: str) -> Figure:
    """The first whose title holds the words: with two engines, torch's."""
    return next(one for one in everything(run) if words in one.title)


def traces(figure: Figure, **wanted: Any) -> list[dict[str, Any]]:
    return [one for one in figure.traces if wanted.items() <= one.items()]


def strewn(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """One call a second."""
    return tuple(
        replace(one, started_at=f"2026-11-22T08:{place // 60:02d}:{place % 60:02d}.000+00:00")
        for place, one in enumerate(samples)
    )


def test_a_comparison_is_drawn_subject_by_subject_and_engine_by_engine() -> None:
    expected = {
        LATENCY: [("warm totals", "where a warm call's time goes"), ("every call of the run, in the order measured",)],
        COLD: [("cold starts",)],
        MEMORY: [("memory after each call",)],
        TRACES: [("a median warm call by each clock", "a median cold call by each clock")],
    }
    found = {subject: [one.title for one in made] for subject, made in figures(make_run()).items()}
    assert found == {
        subject: [f"{engine}: {what}" for whats in groups for engine in ("torch", "onnx") for what in whats]
        for subject, groups in expected.items()
    }


@pytest.mark.parametrize(
    "run", [disagreeing(), make_run(samples=(), finished=False)], ids=["disagreement", "nothing measured"]
)
def test_no_figures_are_drawn_where_the_sides_disagree_or_nothing_was_measured(run: Run) -> None:
    assert not everything(run)


def test_figures_stand_with_the_tables_of_their_subject() -> None:
    for section in page_of(make_run(runs=8), drawn=True).sections:
        if section.title in {LATENCY, COLD, MEMORY, TRACES}:
            assert section.figures
            assert section.tables


def test_every_warm_call_is_in_the_distribution_with_its_image_and_pair() -> None:
    run = make_run(runs=20)
    figure = titled(run, "warm totals")
    for side in SIDES:
        measured = series(run, engine="torch", side=side)
        (box,) = traces(figure, type="box", name=NAMES[side])
        assert box["x"] == pytest.approx([value * 1000 for value in measured.values])
        assert [line[:2] for line in box["customdata"]] == [["cat.jpg", f"pair {pair + 1}"] for pair in measured.pairs]
        assert box["meta"] == {"color": side}


def test_the_median_and_its_interval_are_the_tables() -> None:
    run = make_run(runs=20)
    figure = titled(run, "warm totals")
    for side in SIDES:
        found = row(table(run, "distribution"), group="torch", stage="total", side=NAMES[side])
        (diamond,) = (one for one in traces(figure, type="scatter") if one["y"] == [NAMES[side]])
        (middle,) = diamond["x"]
        assert middle == pytest.approx(found["p50"] * 1000)
        ends = (middle - diamond["error_x"]["arrayminus"][0], middle + diamond["error_x"]["array"][0])
        assert ends == pytest.approx((found["p50_interval"].low * 1000, found["p50_interval"].high * 1000))


def test_no_interval_is_drawn_of_too_few_calls() -> None:
    figure = titled(make_run(runs=3, samples=make_samples(runs=3)), "warm totals")
    diamonds = traces(figure, type="scatter")
    assert len(diamonds) == 2
    assert not any("error_x" in one for one in diamonds)
    assert "interval" not in figure.description


def test_bars_carry_the_tables_medians() -> None:
    run = make_run(runs=20)
    figure = titled(run, "time goes")
    listed = table(run, "latency")
    for stage in ("decode", "inference", "postprocess"):
        found = row(listed, group="torch", stage=stage)
        (bar,) = traces(figure, name=stage)
        assert bar["y"] == ["local", "Lambda"]
        assert bar["x"] == pytest.approx([found["local"] * 1000, found["remote"] * 1000])
    assert not traces(figure, name="total")
    assert not traces(figure, name="all stages")


def test_the_parts_of_each_start_add_up_to_its_first_answer() -> None:
    run = make_run(runs=8)
    figure = titled(run, "cold starts")
    lengths: dict[str, float] = {}
    for bar in figure.traces:
        for name, value in zip(bar["y"], bar["x"], strict=True):
            lengths[name] = lengths.get(name, 0.0) + value
    assert sorted(lengths) == [f"{side} {place}" for side in ("Lambda", "local") for place in (1, 2, 3)]
    totals = series(run, engine="torch", side="remote", phase="cold").values
    assert [lengths[f"Lambda {place}"] for place in (1, 2, 3)] == pytest.approx([value * 1000 for value in totals])


def test_only_so_many_starts_are_drawn_and_this_is_said() -> None:
    samples = tuple(make_sample(phase="cold", pair=pair) for pair in range(30))
    figure = titled(make_run(samples=samples), "cold starts")
    assert {name for bar in figure.traces for name in bar["y"]} == {f"local {place}" for place in range(1, 13)}
    assert "12 of each side at most are drawn" in figure.note


def test_the_course_shows_every_call_at_its_moment_and_marks_what_does_not_count() -> None:
    samples = strewn(
        (
            make_sample(phase="warmup"),
            make_sample("remote", phase="cold"),
            make_sample(),
            make_sample(pair=1, attempts=(make_attempt(),)),
            make_failed("remote"),
        )
    )
    figure = titled(make_run(samples=samples), "in the order measured")
    moments = {trace["name"]: trace["x"] for trace in figure.traces}
    assert moments == {
        "local, warm": [2.0],
        "local, warm-up": [0.0],
        "local, not counted": [3.0],
        "Lambda, cold": [1.0],
        "failed": [4.0],
    }
    (failed,) = traces(figure, name="failed")
    assert failed["customdata"][0][-1] == "the endpoint answered 502"
    (repeated,) = traces(figure, name="local, not counted")
    assert repeated["customdata"][0][-1] == "answered only when repeated, at try 2"
    assert "failed: 1; answered and not counted: 1" in figure.description


def test_a_run_of_failures_alone_shows_them() -> None:
    figure = titled(make_run(samples=strewn((make_failed("local"), make_failed("remote")))), "in the order measured")
    assert [trace["name"] for trace in figure.traces] == ["failed"]
    assert "yaxis" not in figure.layout


def test_calls_that_failed_have_a_strip_of_their_own_below_the_others() -> None:
    figure = titled(make_run(samples=strewn((make_sample(), make_failed("remote")))), "in the order measured")
    (failed,) = traces(figure, name="failed")
    assert failed["yaxis"] == "y2"
    assert figure.layout["yaxis2"]["domain"][1] < figure.layout["yaxis"]["domain"][0]


@pytest.mark.parametrize("total_s", [0.0004, 0.04, 70.0])
def test_the_logarithmic_scale_is_marked_around_what_is_drawn(total_s: float) -> None:
    samples = strewn(tuple(make_sample(total_s=total_s * factor, pair=pair) for pair, factor in enumerate((1, 3))))
    figure = titled(make_run(samples=samples), "in the order measured")
    marks, drawn = figure.layout["yaxis"]["tickvals"], figure.traces[0]["y"]
    assert min(marks) <= min(drawn) < max(drawn) <= max(marks)
    assert len(set(figure.layout["yaxis"]["ticktext"])) == len(marks)


@pytest.mark.parametrize("factor", [1.0, 1.1])
def test_the_logarithmic_scale_has_two_marks_at_least_however_close_the_values_lie(factor: float) -> None:
    samples = strewn(tuple(make_sample(total_s=0.031 * each, pair=pair) for pair, each in enumerate((1, factor))))
    axis = titled(make_run(samples=samples), "in the order measured").layout["yaxis"]
    low, high = (10**end for end in axis["range"])
    assert [text for mark, text in zip(axis["tickvals"], axis["ticktext"], strict=True) if low < mark < high] == (
        ["20", "50"]
    )


@pytest.mark.parametrize(
    ("moment", "unit", "ends"),
    [("08:04:59", "s", [0, 299]), ("08:30:00", "min", [0, 30]), ("14:00:00", "h", [0, 6])],
)
def test_moments_have_a_unit_in_which_the_run_is_not_thousands_long(moment: str, unit: str, ends: list[int]) -> None:
    last = make_sample(pair=1, started_at=f"2026-11-22T{moment}.000+00:00")
    run = make_run(samples=(make_sample(), last))
    for words in ("in the order measured", "memory"):
        figure = titled(run, words)
        assert figure.layout["xaxis"]["title"]["text"] == f"since the run's first call, {unit}"
        assert figure.traces[0]["x"] == pytest.approx(ends)


def test_memory_has_a_mark_for_each_call_and_a_line_at_the_limit() -> None:
    figure = titled(make_run(runs=8, samples=strewn(make_samples(runs=8, engines=("torch",)))), "memory")
    counts = {trace["name"]: len(trace["x"]) for trace in figure.traces if trace["mode"] == "markers"}
    assert counts == {"local, RSS": 13, "Lambda, RSS": 13, "Lambda, cgroup peak": 13}
    (limit,) = traces(figure, mode="lines")
    assert (limit["name"], limit["y"]) == ("Lambda, limit", [1024.0, 1024.0])


def test_each_clock_of_a_median_call_has_a_bar_of_its_parts_end_to_end() -> None:
    figure = titled(make_run(runs=9), "median cold call")
    assert [lane["name"] for lane in figure.traces] == ["client", "platform,\nX-Ray", "handler"]
    platform = figure.traces[1]
    assert [line[0] for line in platform["customdata"]] == ["provisioning", "initialization", "invocation", "overhead"]
    for (start, length), (following, _) in itertools.pairwise(zip(platform["base"], platform["x"], strict=True)):
        assert start + length == pytest.approx(following)


def test_a_run_of_one_side_is_drawn_without_the_other() -> None:
    run = one_side("local", strewn(tuple(make_sample(pair=pair) for pair in range(8))), runs=8)
    assert [one.title for one in everything(run)] == [
        "torch: warm totals",
        "torch: where a warm call's time goes",
        "torch: every call of the run, in the order measured",
        "torch: memory after each call",
    ]
    assert not any("Lambda" in trace.get("name", "") for one in everything(run) for trace in one.traces)


def test_what_is_not_limited_is_said_at_every_figure() -> None:
    found = everything(make_run(runs=8, deployment=make_deployment(enforcement=make_enforcement("none"))))
    assert found
    for figure in found:
        assert any("CPU not limited" in caption.text for caption in figure.captions)


def test_untrained_weights_are_said_at_every_figure() -> None:
    answers = {side: make_answer(side=side, runtime=make_facts(trained=False)) for side in SIDES}
    samples = tuple(make_sample(side, pair=pair, outcome=answers[side]) for pair in range(8) for side in SIDES)
    found = everything(make_run(samples=samples))
    assert found
    for figure in found:
        assert UNTRAINED in [caption.text for caption in figure.captions]


def test_every_figure_is_told_in_words_and_names_its_colours() -> None:
    for figure in everything(make_run()):
        assert figure.description.endswith(".")
        assert all("color" in trace["meta"] for trace in figure.traces)
        assert not any("color" in trace.get("marker", {}) for trace in figure.traces)
