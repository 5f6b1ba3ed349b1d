"""Rows hold what the statistics say, raw, and say where it is from."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from factories import (
    MIB,
    PREDICTIONS,
    make_answer,
    make_deployment,
    make_enforcement,
    make_facts,
    make_failed,
    make_run,
    make_sample,
    make_samples,
    make_settings,
)
from resnet_bench.benchmark.series import STAGES, paired, series
from resnet_bench.benchmark.stats import median, paired_ratio, summarise
from resnet_bench.report import caveats_for, tables_for
from resnet_bench.report.captions import UNTRAINED
from resnet_bench.report.rows import Row, Span, Table
from resnet_bench.results.records import Run, Sample, Skipped


def table(run: Run, name: str, *, verbose: bool = False) -> Table:
    return next(one for one in tables_for(run, verbose=verbose) if one.name == name)


def cells(of: Table, row: Row) -> dict[str, Any]:
    return dict(zip([column.name for column in of.columns], row.cells, strict=True))


def rows(of: Table) -> list[dict[str, Any]]:
    return [cells(of, row) | {"group": row.group} for row in of.rows]


def row(of: Table, **wanted: str) -> dict[str, Any]:
    (found,) = (one for one in rows(of) if wanted.items() <= one.items())
    return found


def test_a_comparison_begins_with_local_beside_lambda() -> None:
    names = [one.name for one in tables_for(make_run(runs=6))]
    assert names == ["latency", "distribution", "cold", "memory", "traces", "predictions"]


@pytest.mark.parametrize("engine", ["torch", "onnx"])
@pytest.mark.parametrize(("stage", "measure"), [("total", "total"), ("all stages", "handler"), ("decode", "decode")])
def test_the_side_by_side_row_holds_the_medians_and_the_paired_ratio(engine: str, stage: str, measure: str) -> None:
    run = make_run(runs=8)
    local, remote = (median(series(run, engine=engine, side=s, measure=measure).values) for s in ("local", "remote"))
    pairs = paired(run, engine=engine, measure=measure)
    ratio = paired_ratio(pairs.remote, pairs.local, pairs.images)
    assert ratio is not None
    assert ratio.interval is not None

    found = row(table(run, "latency"), stage=stage, group=engine)

    assert (found["local"], found["remote"]) == (local, remote)
    assert found["difference"] == pytest.approx(remote - local)
    assert (found["ratio"], found["pairs"]) == (ratio.value, 8)
    assert found["ratio_interval"] == Span(ratio.interval.low, ratio.interval.high)


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


def test_no_ratio_has_an_interval_below_six_pairs() -> None:
    found = row(table(make_run(runs=5), "latency"), stage="total", group="torch")
    assert found["ratio"] is not None
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


def one_side(command: str, samples: tuple[Sample, ...], **settings: Any) -> Run:
    return make_run(
        samples=samples,
        settings=make_settings(command=command, **{"runs": 1, "cold": 0, "engines": ("torch",), **settings}),
        deployment=make_deployment() if command == "remote" else None,
    )


@pytest.mark.parametrize(("command", "side"), [("local", "local"), ("remote", "remote")])
def test_a_single_call_shows_five_classes_and_is_taken_apart(command: str, side: Any) -> None:
    made = tables_for(one_side(command, (make_sample(side),)))
    assert [one.name for one in made] == ["predictions", "call.torch.warm.cat.jpg"]
    assert len(made[0].rows) == 5


def test_several_runs_of_one_side_show_how_they_scatter() -> None:
    samples = make_samples(runs=6, cold=0, warmup=0, engines=("torch",))
    run = one_side("local", tuple(one for one in samples if one.side == "local"), runs=6)
    assert [one.name for one in tables_for(run)] == ["predictions", "call.torch.warm.cat.jpg", "distribution"]


def test_a_remote_call_shows_every_clock_its_ids_and_its_memory() -> None:
    found = tables_for(one_side("remote", (make_sample("remote", total_s=0.2),)))[1]
    shown = {(one["group"], one["what"]): one["value"] for one in rows(found)}
    assert shown["client", "total"] == pytest.approx(0.206)
    assert shown["client", "HTTP status"] == 200
    assert shown["client", "sent"] == 120_000
    assert shown["handler", "JSON parse"] == pytest.approx(0.001)
    assert shown["X-Ray", "invocation"] == pytest.approx(0.202)
    assert shown["request", "trace id"] == "1-6740a1b2-0123456789abcdef01234567"
    assert shown["request", "sampled"] == "yes"
    assert shown["memory", "Max Memory Used"] == 512 * MIB
    assert shown["image and model", "original"] == "451 x 300 pixels"


def test_what_never_came_says_why() -> None:
    sample = make_sample(
        "remote", trace=Skipped("sampled out"), report=Skipped("no log line within 50 s", pending=True)
    )
    found = tables_for(one_side("remote", (sample,)))[1]
    told = {one["group"]: one["value"] for one in rows(found) if str(one["value"]).startswith("not available")}
    assert told == {"X-Ray": "not available: sampled out", "memory": "not available: no log line within 50 s"}


def test_sides_that_disagree_are_not_compared() -> None:
    wrong = make_answer(side="remote", predictions=PREDICTIONS[::-1])
    samples = (*make_samples(runs=6), make_sample(pair=99), make_sample("remote", pair=99, outcome=wrong))
    run = make_run(samples=samples)

    (only,) = tables_for(run, verbose=True)

    assert only.name == "mismatches"
    assert [(one["image"], one["pair"]) for one in rows(only)] == [("cat.jpg", 100)]
    assert caveats_for(run) == ()


COMMANDS = ["compare", "local", "remote"]


@pytest.mark.parametrize("command", COMMANDS)
def test_untrained_weights_are_told_under_every_table(command: str) -> None:
    samples = tuple(
        make_sample(side, outcome=make_answer(side=side, runtime=make_facts(trained=False)))
        for side in ("local", "remote")
    )
    for one in tables_for(make_run(samples=samples, settings=make_settings(command=command)), verbose=True):
        assert UNTRAINED in [caption.short for caption in one.captions], one.name


@pytest.mark.parametrize("command", ["compare", "remote"])
@pytest.mark.parametrize("mechanism", ["cgroup-v2", "throttle", "none"])
def test_every_table_says_that_lambda_was_emulated_and_how_it_was_limited(command: str, mechanism: str) -> None:
    deployment = make_deployment(enforcement=make_enforcement(mechanism))
    run = make_run(runs=3, deployment=deployment, settings=make_settings(command=command, runs=3))
    for one in tables_for(run, verbose=True):
        caption = one.captions[0]
        assert caption.text.startswith(f"Lambda: emulated, 1024 MB, 0.58 vCPU; {mechanism}: ")
        assert caption.short.startswith(f"Lambda: emulated, 1024 MB, 0.58 vCPU; {mechanism}")
        for said in (caption.text, caption.short):
            assert ("CPU not limited" in said) == (mechanism == "none")


def test_real_lambda_is_not_called_emulated() -> None:
    deployment = make_deployment(kind="aws", enforcement=make_enforcement("lambda", description="AWS's own"))
    for one in tables_for(make_run(runs=3, deployment=deployment)):
        assert one.captions[0].text == "Lambda: the real one, on AWS, 1024 MB, 0.58 vCPU; lambda: AWS's own"


def test_a_local_run_limited_as_lambda_says_so() -> None:
    run = replace(
        one_side("local", (make_sample(),), memory_bytes=1024 * MIB), local_enforcement=make_enforcement("none")
    )
    for one in tables_for(run):
        assert one.captions[0].text.startswith("local: limited as a 1024 MB Lambda; none: ")
        assert "CPU not limited" in one.captions[0].short


def test_a_run_without_any_answer_has_no_tables() -> None:
    assert tables_for(make_run(samples=(make_failed(),))) == ()


def test_a_single_call_is_not_blamed_for_making_no_statistics() -> None:
    codes = {caveat.code for caveat in caveats_for(one_side("local", (make_sample(),)))}
    assert "few-runs" not in codes
    assert "few-runs" in {caveat.code for caveat in caveats_for(make_run(runs=5))}


def test_verbose_adds_the_conditions_and_all_five_classes() -> None:
    made = tables_for(make_run(runs=3), verbose=True)
    assert made[-1].name == "conditions"
    assert len(table(make_run(runs=3), "predictions", verbose=True).rows) == 5
