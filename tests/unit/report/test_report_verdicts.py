"""The verdict is one sentence with its condition, or says why there is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
)
from resnet_bench.benchmark.series import paired
from resnet_bench.benchmark.stats import paired_ratio
from resnet_bench.report import verdict
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

    said = verdict(run)

    assert "with torch this machine is" in said
    assert f"{number(ratio.value)} times as fast" in said
    assert f"95 % interval {number(ratio.interval.low)} to {number(ratio.interval.high)}" in said
    assert "39.3 against 206 ms, 60 pairs" in said
    assert "an emulated 1024 MB Lambda (0.58 vCPU, cgroup-v2)" in said
    assert said.count(".") - sum(part[:1].isdigit() for part in said.split(".")[1:]) == 1, "one sentence"


def test_a_faster_lambda_has_a_factor_above_one() -> None:
    run = one_engine(local_s=0.2, remote_s=0.04)
    assert "with torch Lambda is 4." in verdict(run)
    assert "205 against" not in verdict(run)


def test_it_does_not_decide_where_the_interval_includes_one() -> None:
    said = verdict(one_engine(local_s=0.106, remote_s=0.1))
    assert "with torch neither side is clearly faster" in said
    assert "includes 1" in said
    assert "times as fast" not in said


def test_it_says_what_a_cold_start_costs_on_top() -> None:
    assert "a cold start on Lambda costs another 3.0" in verdict(make_run(runs=6))
    assert "cold" not in verdict(one_engine())


def test_it_says_that_the_cpu_was_not_limited() -> None:
    run = make_run(runs=6, deployment=make_deployment(enforcement=make_enforcement("none")))
    assert "an emulated 1024 MB Lambda (0.58 vCPU, CPU not limited)" in verdict(run)


def test_it_does_not_call_a_real_lambda_emulated() -> None:
    real = make_deployment(kind="aws", memory_bytes=2048 * MIB, enforcement=make_enforcement("lambda"))
    assert "against a 2048 MB Lambda on AWS (0.58 vCPU):" in verdict(make_run(runs=6, deployment=real))


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
    assert verdict(run).startswith("No verdict: ")
    assert why in verdict(run)


@settings(max_examples=20, deadline=None)
@given(local_s=st.floats(0.001, 10), remote_s=st.floats(0.001, 10))
def test_it_agrees_with_the_ratio_whatever_the_times_are(local_s: float, remote_s: float) -> None:
    run = one_engine(local_s=local_s, remote_s=remote_s, runs=8)
    pairs = paired(run, engine="torch")
    ratio = paired_ratio(pairs.remote, pairs.local)
    assert ratio is not None
    assert ratio.interval is not None
    said = verdict(run)
    if 1 in ratio.interval:
        assert "neither side is clearly faster" in said
    else:
        assert f"with torch {'this machine' if ratio.value > 1 else 'Lambda'} is" in said
