"""Objectives as they are typed, and what measured calls say of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_run, make_sample
from resnet_bench.analysis.objective import judge, parse
from resnet_bench.errors import UsageError


@pytest.mark.parametrize(
    ("text", "percent", "limit_s"), [("p95=500ms", 95, 0.5), ("p99.9=1.5s", 99.9, 1.5), (" p50=2 s", 50, 2.0)]
)
def test_a_percentile_and_a_time_are_an_objective(text: str, percent: float, limit_s: float) -> None:
    objective = parse(text)
    assert (objective.percent, objective.limit_s) == (percent, limit_s)


@pytest.mark.parametrize("text", ["", "p95", "p0=1s", "p100=1s", "95=1s", "p95=0s", "p95=-1s", "p95=500", "p95=1h"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert "p95=500ms" in refused.value.hint


@given(st.integers(1, 99), st.integers(1, 10_000_000))
def test_what_is_written_is_what_is_read(percent: int, limit_us: int) -> None:
    objective = parse(f"p{percent}={limit_us}us")
    assert (objective.percent, objective.limit_s) == (percent, pytest.approx(limit_us / 1e6))


def calls(local_s: float, remote_s: float, count: int):
    return make_run(
        samples=tuple(
            make_sample(side, engine="onnx", pair=pair, total_s=total_s)
            for pair in range(count)
            for side, total_s in (("local", local_s), ("remote", remote_s))
        )
    )


def test_each_side_is_judged_by_its_own_clock() -> None:
    local, remote = judge(calls(0.1, 0.4, 60), parse("p95=300ms"))
    assert (local.side, local.kept, local.certain, local.n) == ("local", True, True, 60)
    assert (remote.side, remote.kept, remote.certain) == ("remote", False, True)


def test_too_few_calls_judge_without_certainty() -> None:
    local, _ = judge(calls(0.1, 0.4, 5), parse("p95=300ms"))
    assert local.kept
    assert not local.certain
    assert local.interval is None
