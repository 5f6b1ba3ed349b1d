"""The verdict is one sentence with its condition, or says why there is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import (
    MIB,
    PREDICTIONS,
    make_answer,
    make_deployment,
    make_enforcement,
    make_failed,
    make_run,
    make_sample,
    make_samples,
    make_settings,
)
from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.series import paired
from resnet_bench.prices.table import packaged
from resnet_bench.report.verdicts import speed, verdict
from resnet_bench.results.records import Answer, Sample, Side, Skipped
from resnet_bench.results.run import Run
from resnet_bench.units import number


def one_engine(**changes: float) -> Run:
    return make_run(samples=make_samples(engines=("torch",), **{"cold": 0, **changes}))  # type: ignore[arg-type]


def test_it_names_the_faster_side_the_factor_its_interval_the_figures_and_the_condition() -> None:
    run = one_engine(local_s=0.04, remote_s=0.2)
    pairs = paired(run, engine="torch")
    ratio = paired_ratio(pairs.remote, pairs.local, pairs.images)
    assert ratio is not None
    assert ratio.interval is not None

    said = speed(run)

    assert "with torch this machine is" in said
    assert f"{number(ratio.value)} times as fast" in said
    assert f"95 % interval {number(ratio.interval.low)} to {number(ratio.interval.high)}" in said
    assert "39.3 against 206 ms, 60 pairs" in said
    assert "an emulated 1024 MB Lambda (0.58 vCPU, cgroup-v2)" in said
    assert said.count(".") - sum(part[:1].isdigit() for part in said.split(".")[1:]) == 1, "one sentence"


def test_a_faster_lambda_has_a_factor_above_one() -> None:
    run = one_engine(local_s=0.2, remote_s=0.04)
    assert "with torch Lambda is 4." in speed(run)
    assert "205 against" not in speed(run)


def test_it_does_not_decide_where_the_interval_includes_one() -> None:
    said = speed(one_engine(local_s=0.106, remote_s=0.1))
    assert "with torch neither side is clearly faster" in said
    assert "includes 1" in said
    assert "times as fast" not in said


def test_it_says_what_a_cold_start_costs_on_top() -> None:
    # Cold calls take 3.02 s more; those of another image are no dearer for its size.
    def calls(image: str, first: int, warm_s: float, cold_s: tuple[float, ...]) -> tuple[Sample, ...]:
        sides: tuple[Side, Side] = ("local", "remote")
        warm = [make_sample(s, total_s=warm_s, pair=first + i, image=image) for i in range(6) for s in sides]
        cold = [
            make_sample("remote", total_s=total_s, phase="cold", pair=first + i, image=image)
            for i, total_s in enumerate(cold_s)
        ]
        return (*warm, *cold)

    small, huge = calls("small.jpg", 0, 0.1, (0.2, 0.4)), calls("huge.jpg", 10, 2.0, (2.3,))
    said = speed(make_run(samples=(*small, *huge)))
    assert said.endswith("a cold start on Lambda adds to a warm call 3.32 s (3.12 to 3.32, 3 starts) with torch.")
    assert speed(make_run(samples=huge)).endswith("adds to a warm call 3.32 s (1 start) with torch.")
    assert "cold" not in speed(one_engine())


def test_a_cold_start_of_an_image_without_a_warm_call_is_held_against_all() -> None:
    samples = (*make_samples(runs=6, cold=0), make_sample("remote", total_s=0.3, phase="cold", image="other.jpg"))
    assert "a cold start on Lambda adds to a warm call 3.1" in speed(make_run(samples=samples))


def test_it_says_that_the_cpu_was_not_limited() -> None:
    run = make_run(runs=6, deployment=make_deployment(enforcement=make_enforcement("none")))
    assert "an emulated 1024 MB Lambda (0.58 vCPU, CPU not limited)" in speed(run)


def test_where_other_programs_took_cpu_time_it_begins_by_calling_itself_a_hint() -> None:
    def waiting(sample: Sample) -> Sample:
        assert isinstance(sample.outcome, Answer)
        stages = replace(sample.outcome.stages, cpu_wait_s=0.5 * sample.outcome.stages.total_s)
        return replace(sample, outcome=replace(sample.outcome, stages=stages))

    busy = make_run(samples=tuple(map(waiting, one_engine().samples)), settings=make_settings(engines=("torch",)))
    said = verdict(busy, Skipped("no cold start was measured"), packaged(None))
    assert said.startswith("Only a hint, since other programs took CPU time meanwhile. For warm calls")
    assert said.endswith("What to choose is left open: no cold start was measured.")


def test_it_does_not_call_a_real_lambda_emulated() -> None:
    real = make_deployment(kind="aws", memory_bytes=2048 * MIB, enforcement=make_enforcement("lambda"))
    assert "against a 2048 MB Lambda on AWS (0.58 vCPU):" in speed(make_run(runs=6, deployment=real))


wrong = make_answer(side="remote", predictions=PREDICTIONS[::-1])


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (one_engine(runs=5), "it takes 6 warm pairs at least"),
        (make_run(samples=(make_sample("remote"),)), "it takes answers of both sides"),
        (make_run(samples=(make_sample(), make_failed())), "it takes answers of both sides"),
        (make_run(deployment=None), "it takes answers of both sides"),
        (make_run(samples=()), "it takes answers of both sides"),
        (make_run(samples=(make_sample(), make_sample("remote", outcome=wrong))), "classify differently in 1 pair."),
    ],
    ids=["few", "remote only", "failed", "no deployment", "empty", "disagreement"],
)
def test_it_refuses_to_judge(run: Run, why: str) -> None:
    assert speed(run).startswith("No verdict: ")
    assert why in speed(run)


@settings(max_examples=20, deadline=None)
@given(local_s=st.floats(0.001, 10), remote_s=st.floats(0.001, 10))
def test_it_agrees_with_the_ratio_whatever_the_times_are(local_s: float, remote_s: float) -> None:
    run = one_engine(local_s=local_s, remote_s=remote_s, runs=8)
    pairs = paired(run, engine="torch")
    ratio = paired_ratio(pairs.remote, pairs.local)
    assert ratio is not None
    assert ratio.interval is not None
    said = speed(run)
    if 1 in ratio.interval:
        assert "neither side is clearly faster" in said
    else:
        assert f"with torch {'this machine' if ratio.value > 1 else 'Lambda'} is" in said
