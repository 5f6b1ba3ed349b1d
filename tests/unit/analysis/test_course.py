"""How a run went: when each call began, how long its caller waited, and why some do not count."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from factories import make_answer, make_failed, make_run, make_sample
from resnet_bench.analysis.course import course


def test_moments_are_counted_from_the_runs_first_call_whichever_engine_made_it() -> None:
    times = ("08:00:00.000", "08:00:01.500", "08:01:00.000")
    samples = [make_sample(engine=engine) for engine in ("onnx", "torch", "torch")]
    run = make_run(
        samples=tuple(
            replace(one, started_at=f"2026-11-22T{time}+00:00") for one, time in zip(samples, times, strict=True)
        )
    )
    assert [one.at_s for one in course(run, "torch")] == pytest.approx([1.5, 60.0])


def test_a_cold_call_is_as_long_as_its_start_and_a_failed_one_has_no_length() -> None:
    cold = make_sample(phase="cold", total_s=0.05)
    found = course(make_run(samples=(make_sample(total_s=0.05), cold, make_failed("local"))), "torch")
    assert found[0].total_s == pytest.approx(0.05)
    assert found[1].total_s is not None
    assert found[1].total_s > 0.05
    assert found[2].total_s is None
    assert found[2].left_out == "the endpoint answered 502"


@pytest.mark.parametrize(
    ("phase", "cold_start", "reason"),
    [
        ("warm", True, "met a fresh environment"),
        ("cold", False, "its environment had answered before"),
        ("warmup", True, ""),
        ("warm", False, ""),
    ],
)
def test_what_contradicts_its_phase_is_left_out(phase: str, cold_start: bool, reason: str) -> None:
    sample = make_sample("remote", outcome=make_answer(side="remote", cold_start=cold_start), phase=phase)
    (moment,) = course(make_run(samples=(sample,)), "torch")
    assert moment.left_out == reason
