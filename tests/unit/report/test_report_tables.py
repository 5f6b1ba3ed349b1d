"""Rows of a comparison hold what the statistics say, raw."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import (
    MIB,
    PREDICTIONS,
    make_answer,
    make_failed,
    make_run,
    make_sample,
    make_samples,
)
from reports import cells, one_side, row, rows, table
from resnet_bench.benchmark.series import STAGES, series
from resnet_bench.benchmark.starts import PARTS, to_first_answer
from resnet_bench.benchmark.stats import summarise
from resnet_bench.report.rows import Span
from resnet_bench.report.tables import caveats_for, tables_for
from resnet_bench.results.records import Sample, Side, Skipped


def test_a_comparison_begins_with_local_beside_lambda() -> None:
    names = [one.name for one in tables_for(make_run(runs=6))]
    assert names == ["latency", "distribution", "cold", "memory", "traces", "predictions"]


def test_the_side_by_side_row_holds_medians_and_the_mean_of_the_images_ratios() -> None:
    """Worked by hand. The client's clock adds 6 ms to Lambda's total and nothing to the handler's."""
    images = {"small.jpg": (0.1, 0.2), "huge.jpg": (1.0, 8.0)}
    samples = [
        make_sample(side, total_s=total_s, pair=10 * place + pair, image=image)
        for place, (image, totals) in enumerate(images.items())
        for pair in range(4)
        for side, total_s in zip(("local", "remote"), totals, strict=True)
    ]
    latency = table(make_run(samples=tuple(samples)), "latency")

    found = row(latency, stage="all stages", group="torch")
    assert (found["local"], found["remote"]) == (pytest.approx(0.55), pytest.approx(4.1))
    assert found["difference"] == pytest.approx(3.55)
    # Twice as long for one image, eight times for the other; of the medians it would be 7.45.
    assert found["ratio"] == pytest.approx(4)
    assert found["ratio_interval"] == Span(pytest.approx(4), pytest.approx(4))
    assert found["pairs"] == 8

    total = row(latency, stage="total", group="torch")
    assert (total["local"], total["remote"]) == (pytest.approx(0.55), pytest.approx(4.106))
    assert total["ratio"] == pytest.approx((2.06 * 8.006) ** 0.5)
    assert "ratio: Lambda over local, median of the pairs of an image, geometric mean of the images." in latency.notes


def test_the_ratio_of_one_image_is_the_median_of_the_pairs() -> None:
    pairs = ((0.1, 0.3), (0.2, 0.4), (0.1, 0.5), (0.4, 1.6), (0.1, 0.2), (0.3, 0.9), (0.1, 0.6))
    samples = [
        make_sample(side, total_s=total_s, pair=pair)
        for pair, totals in enumerate(pairs)
        for side, total_s in zip(("local", "remote"), totals, strict=True)
    ]
    latency = table(make_run(samples=tuple(samples)), "latency")
    found = row(latency, stage="decode", group="torch")
    # 3, 2, 5, 4, 2, 3, 6
    assert found["ratio"] == pytest.approx(3)
    assert "ratio: Lambda over local, median of the pairs." in latency.notes


@pytest.mark.parametrize(("images", "told"), [(["a.jpg"], False), (["a.jpg", "b.jpg"], True)])
def test_the_medians_interval_is_explained_where_it_spans_images(images: list[str], told: bool) -> None:
    samples = tuple(
        make_sample(side, pair=pair, image=image) for pair, image in enumerate(images) for side in ("local", "remote")
    )
    notes = table(make_run(samples=samples), "distribution").notes
    assert any("spans the sizes" in note for note in notes) == told


def test_the_parts_of_a_single_call_add_up_on_both_sides() -> None:
    run = make_run(samples=(make_sample("local"), make_sample("remote", total_s=0.2)))
    found = {one["stage"]: one for one in rows(table(run, "latency"))}

    for side in ("local", "remote"):
        inner = [found[name][side] for name in found if name not in ("total", "all stages", "HTTP and Lambda")]
        assert sum(value for value in inner if value is not None) == pytest.approx(found["all stages"][side])
        around = found["HTTP and Lambda"][side] or 0
        assert found["all stages"][side] + around == pytest.approx(found["total"][side])


def test_a_stage_that_one_side_lacks_is_missing_there_and_never_zero() -> None:
    found = row(table(make_run(runs=6), "latency"), stage="JSON parse", group="torch")
    assert found["local"] is None
    assert found["remote"] > 0
    assert (found["difference"], found["ratio"], found["ratio_interval"]) == (None, None, None)


def test_below_six_pairs_there_is_no_interval_and_so_no_ratio() -> None:
    found = row(table(make_run(runs=5), "latency"), stage="total", group="torch")
    assert found["ratio"] is None
    assert found["ratio_interval"] is None


def test_the_distribution_has_every_figure_of_the_summary_for_total_and_each_stage() -> None:
    run = make_run(runs=60)
    found = table(run, "distribution")
    for side, name in (("local", "local"), ("remote", "Lambda")):
        for stage in ("total", "inference"):
            values = series(run, engine="onnx", side=side, measure=stage)
            summary = summarise(values.values, values.images)
            assert summary is not None
            assert summary.p50_interval is not None
            assert summary.mean_interval is not None
            one = row(found, stage=stage, side=name, group="onnx")
            for figure in ("n", "p50", "p95", "p99", "min", "max", "mean"):
                assert one[figure] == getattr(summary, figure)
            assert one["p50_interval"] == Span(summary.p50_interval.low, summary.p50_interval.high)
            margin = one["mean_margin"]
            assert summary.mean - margin <= summary.mean_interval.low
            assert summary.mean_interval.high <= summary.mean + margin
    stages = {one["stage"] for one in rows(found)}
    assert len(stages) == len(STAGES) + 2


def test_local_stands_directly_above_lambda() -> None:
    found = rows(table(make_run(runs=6), "distribution"))
    assert [(one["stage"], one["side"]) for one in found[:2]] == [("total", "local"), ("total", "Lambda")]


def test_a_cold_start_sums_the_local_parts_and_takes_the_clients_whole_call() -> None:
    here = make_sample("local", total_s=0.5, phase="cold")
    there = make_sample("remote", total_s=0.5, phase="cold")
    found = table(make_run(samples=(here, there)), "cold")

    whole = row(found, part="to first answer")
    assert whole["local"] == pytest.approx(0.05 + 1.9 + 0.35 + 0.6 + 0.5)
    assert whole["remote"] == pytest.approx(0.5 + 3.02 + 0.006)
    assert row(found, part="initialization, X-Ray")["remote"] == 2.9
    assert row(found, part="Init Duration, REPORT")["local"] is None
    assert whole["remote_range"] is None


def test_the_parts_of_a_cold_start_add_up_to_its_whole() -> None:
    samples = (make_sample(phase="cold", total_s=0.5), make_sample("remote", phase="cold", total_s=0.7))
    found = table(make_run(samples=samples), "cold")
    wholes = row(found, part="to first answer")
    parts = [cells(found, one) for one in found.rows if one.level == 1]
    for side in ("local", "remote"):
        assert sum(one[side] or 0 for one in parts) == pytest.approx(wholes[side])
    other = row(found, part="other stages")
    assert (other["local"], other["remote"]) == (pytest.approx(0.34 * 0.5), pytest.approx(0.34 * 0.7))
    around = row(found, part="HTTP, gateway and the rest")
    assert (around["local"], around["remote"]) == (None, pytest.approx(3.026 - 2.9))


@settings(max_examples=30, deadline=None)
@given(
    side=st.sampled_from(["local", "remote"]),
    total_s=st.floats(0.001, 100),
    weights_s=st.none() | st.floats(0, 5),
    first_inference_s=st.none() | st.floats(0, 0.001),
)
def test_the_parts_of_any_cold_call_add_up(
    side: Side, total_s: float, weights_s: float | None, first_inference_s: float | None
) -> None:
    sample = make_sample(side, total_s=total_s, phase="cold")
    cold = replace(sample.outcome.cold, weights_s=weights_s, first_inference_s=first_inference_s)
    answer = replace(sample.outcome, cold=cold)
    parts = [part for read in PARTS.values() if (part := read(sample, answer)) is not None]
    assert sum(parts) == pytest.approx(to_first_answer(sample, answer))


def test_a_cold_start_of_several_shows_median_and_range() -> None:
    samples = tuple(
        make_sample("remote", total_s=total, phase="cold", pair=i) for i, total in enumerate((1.0, 3.0, 1.5))
    )
    found = row(table(make_run(samples=samples), "cold"), part="to first answer")
    assert found["remote"] == pytest.approx(1.5 + 3.026)
    assert found["remote_range"] == Span(pytest.approx(4.026), pytest.approx(6.026))
    assert found["remote_n"] == 3


def test_an_unknown_part_leaves_the_local_sum_unknown() -> None:
    sample = make_sample("local", phase="cold")
    cold = replace(sample.outcome.cold, interpreter_s=None)
    sample = replace(sample, outcome=replace(sample.outcome, cold=cold))
    found = rows(table(make_run(samples=(sample,)), "cold"))
    assert "to first answer" not in {one["part"] for one in found}
    assert {"imports", "engine"} <= {one["part"] for one in found}


def test_memory_holds_both_sides_under_the_same_definitions() -> None:
    found = table(make_run(runs=3), "memory")
    for measure, local, remote in (
        ("baseline RSS", 32 * MIB, 32 * MIB),
        ("peak RSS", 480 * MIB, 480 * MIB),
        ("over baseline", 448 * MIB, 448 * MIB),
        ("cgroup peak", None, 560 * MIB),
        ("Max Memory Used", None, 512 * MIB),
        ("limit", None, 1024 * MIB),
        ("utilisation", None, 480 / 1024),
    ):
        one = row(found, measure=measure, group="torch")
        assert (one["local"], one["remote"]) == (local, remote)
        assert one["meaning"]


def test_memory_is_the_highest_of_all_calls() -> None:
    low, high = (make_answer(side="remote") for _ in range(2))
    high = replace(high, memory=replace(high.memory, peak_rss_bytes=700 * MIB))
    samples = tuple(make_sample("remote", outcome=answer, pair=i) for i, answer in enumerate((low, high, low)))
    assert row(table(make_run(samples=samples), "memory"), measure="peak RSS")["remote"] == 700 * MIB


def unsampled(sample: Sample) -> Sample:
    identity = replace(sample.outcome.identity, sampled=False)
    return replace(sample, outcome=replace(sample.outcome, identity=identity), trace=Skipped("sampled out"))


def test_traces_tell_their_coverage_and_what_is_left_between_the_clocks() -> None:
    calls = [make_sample("remote", total_s=0.2, pair=pair) for pair in range(60)]
    calls[:3] = [unsampled(call) for call in calls[:3]]
    found = table(make_run(samples=tuple(calls)), "traces")

    assert "57/60 calls traced, 3 sampled out by X-Ray" in found.notes
    one = row(found, phase="warm")
    assert one["traced"] == "57/60"
    assert one["total"] == pytest.approx(0.203)
    assert one["outside"] == pytest.approx(0.003)
    assert one["inside"] == pytest.approx(0.003)
    assert one["initialization"] is None


def test_traces_from_cloudwatch_logs_are_told_apart() -> None:
    calls = [make_sample("remote", pair=pair) for pair in range(3)]
    assert not any("Transaction Search" in note for note in table(make_run(samples=tuple(calls)), "traces").notes)
    calls[:2] = [replace(call, trace=replace(call.trace, source="logs")) for call in calls[:2]]
    notes = table(make_run(samples=tuple(calls)), "traces").notes
    assert "2 of 3 traces were in CloudWatch Logs (Transaction Search)." in notes


def test_engines_that_say_the_same_share_a_line_with_the_pairs_of_both() -> None:
    found = rows(table(make_run(runs=4), "predictions"))
    assert found == [
        {
            "image": "cat.jpg",
            "engines": "torch, onnx",
            "name": "tabby",
            "wordnet_id": "n02123045",
            "probability": 0.61,
            "pairs_agreed": 2 * (2 + 3 + 4),
            "group": "",
        }
    ]


def test_engines_that_differ_have_a_line_each() -> None:
    other = make_answer(engine="onnx", predictions=PREDICTIONS[1:])
    run = make_run(samples=(make_sample(), make_sample(engine="onnx", outcome=other)))
    assert [(one["engines"], one["name"]) for one in rows(table(run, "predictions"))] == [
        ("torch", "tabby"),
        ("onnx", "tiger cat"),
    ]


def test_sides_that_disagree_are_not_compared() -> None:
    wrong = make_answer(side="remote", predictions=PREDICTIONS[::-1])
    samples = (*make_samples(runs=6), make_sample(pair=99), make_sample("remote", pair=99, outcome=wrong))
    run = make_run(samples=samples)

    (only,) = tables_for(run, verbose=True)

    assert only.name == "mismatches"
    assert [(one["image"], one["pair"]) for one in rows(only)] == [("cat.jpg", 100)]
    assert caveats_for(run) == ()


def test_a_run_without_any_answer_has_no_table_but_that_of_its_failures() -> None:
    assert [table.name for table in tables_for(make_run(samples=(make_failed(),)))] == ["failures"]


def test_a_single_call_is_not_blamed_for_making_no_statistics() -> None:
    codes = {caveat.code for caveat in caveats_for(one_side("local", (make_sample(),)))}
    assert "few-runs" not in codes
    assert "few-runs" in {caveat.code for caveat in caveats_for(make_run(runs=5))}


def test_verbose_adds_the_conditions_and_all_five_classes() -> None:
    made = tables_for(make_run(runs=3), verbose=True)
    assert made[-1].name == "conditions"
    assert len(table(make_run(runs=3), "predictions", verbose=True).rows) == 5
