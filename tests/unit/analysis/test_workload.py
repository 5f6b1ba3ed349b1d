"""One engine of a run as cost, traffic and verdict take it: the best observer of each time, named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import MIB, make_answer, make_deployment, make_environment, make_failed, make_run, make_sample
from resnet_bench.analysis.workload import Workload, require_cold, workloads
from resnet_bench.benchmark.series import series
from resnet_bench.errors import ResultError
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import Run

NONE = Skipped("not AWS")


def torch(run: Run) -> Workload:
    return workloads(run)[0]


def remote(run: Run, **changes: object) -> Run:
    """The run with every remote sample changed alike."""
    samples = tuple(replace(one, **changes) if one.side == "remote" else one for one in run.samples)
    return replace(run, samples=samples)


def test_a_comparison_has_a_workload_for_each_engine_with_the_series_of_its_tables() -> None:
    run = make_run()
    both = workloads(run)
    assert [one.engine for one in both] == ["torch", "onnx"]
    for one in both:
        for values, side, measure, phase in [
            (one.local_s, "local", "total", "warm"),
            (one.remote_s, "remote", "client.total", "warm"),
            (one.busy_s, "remote", "report.duration", "warm"),
            (one.billed_warm_s, "remote", "report.billed", "warm"),
            (one.billed_cold_s, "remote", "report.billed", "cold"),
            (one.cold_s, "remote", "client.total", "cold"),
        ]:
            assert values == series(run, engine=one.engine, side=side, measure=measure, phase=phase).values
        assert len(one.cold_extra_s) == len(one.local_start_s) == 3
        assert one.upload_bytes == (120_000,) * 60
        assert one.billed_images == ("cat.jpg",) * 60


def test_it_says_what_ran_and_where() -> None:
    one = torch(make_run())
    assert (one.memory_mb, one.architecture, one.local_threads, one.local_cpus) == (1024, "x86_64", 1, 24)
    assert one.trained
    assert one.emulated


def test_a_local_start_is_all_from_the_process_to_its_first_answer() -> None:
    answer = make_answer(0.04, cold_start=True)
    samples = (make_sample(), make_sample("remote"), make_sample(phase="cold", outcome=answer))
    assert torch(make_run(samples=samples)).local_start_s == pytest.approx((0.05 + 1.9 + 0.35 + 0.6 + 0.04,))


def test_without_report_lines_the_traces_tell_and_are_named() -> None:
    one = torch(remote(make_run(), report=NONE))
    assert one.busy_observer == "invocation in the X-Ray traces"
    assert "X-Ray" in one.billed_observer
    assert "of cold starts: initialization and invocation" in one.billed_observer
    assert min(one.billed_cold_s) > 2.9
    assert all(billed >= busy for billed, busy in zip(one.billed_warm_s, one.busy_s, strict=True))


def test_behind_a_url_the_handler_tells_and_is_named() -> None:
    deployment = make_deployment(kind="url", memory_bytes=None, cpu_share=None, vcpus_count=None)
    run = remote(make_run(deployment=deployment), report=NONE, trace=NONE)
    one = torch(run)
    assert one.busy_s == series(run, engine="torch", side="remote", measure="handler").values
    assert "handler's own total" in one.busy_observer
    assert "of cold starts: the handler's own start" in one.billed_observer
    assert one.memory_mb == 1024  # as the function itself said
    assert not one.emulated
    assert min(one.billed_cold_s) > 2.9


def test_a_few_report_lines_do_not_stand_for_all_calls() -> None:
    run = make_run(runs=20)
    first = {id(one) for one in [one for one in run.samples if one.side == "remote" and one.phase == "warm"][:4]}
    few = tuple(one if id(one) in first or one.side == "local" else replace(one, report=NONE) for one in run.samples)
    assert "X-Ray" in torch(replace(run, samples=few)).busy_observer


def test_most_report_lines_do_and_the_observer_says_of_how_many() -> None:
    late = {3, 4}
    run = make_run(runs=20)
    most = tuple(replace(one, report=NONE) if one.side == "remote" and one.pair in late else one for one in run.samples)
    assert torch(replace(run, samples=most)).busy_observer == "duration in Lambda's REPORT lines (18 of 20 calls)"


@given(st.integers(1, 30_000))
def test_a_busy_time_of_whole_milliseconds_is_billed_as_it_is(busy_ms: int) -> None:
    answer = make_answer(busy_ms / 1000, side="remote")
    samples = (make_sample(), make_sample("remote", outcome=answer, report=NONE, trace=NONE))
    assert torch(make_run(samples=samples)).billed_warm_s == (busy_ms / 1000,)


def test_a_begun_millisecond_is_billed_whole() -> None:
    answer = make_answer(0.2001, side="remote")
    samples = (make_sample(), make_sample("remote", outcome=answer, report=NONE, trace=NONE))
    assert torch(make_run(samples=samples)).billed_warm_s == (0.201,)


@pytest.mark.parametrize(
    ("deployment", "os", "architecture"),
    [
        (make_deployment(kind="aws", architecture="arm64"), "Debian, x86_64", "arm64"),
        (make_deployment(), "Debian, aarch64", "arm64"),
        (make_deployment(kind="url"), "Debian, aarch64", "x86_64"),
    ],
)
def test_the_functions_processor_is_the_deployments_or_emulated_here_this_machines(deployment, os, architecture):
    run = make_run(deployment=deployment, environment=make_environment(os=os))
    assert torch(run).architecture == architecture


def test_what_nobody_told_is_none() -> None:
    answer = make_answer(side="remote")
    answer = replace(answer, memory=replace(answer.memory, limit_bytes=None))
    samples = (make_sample(), make_sample("remote", outcome=answer))
    assert torch(make_run(samples=samples, deployment=make_deployment(memory_bytes=None))).memory_mb is None
    assert torch(make_run(samples=samples, deployment=make_deployment(memory_bytes=512 * MIB))).memory_mb == 512


def only(side: str) -> tuple[Sample, ...]:
    return tuple(one for one in make_run().samples if one.side == side)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (make_run(deployment=None), "no Lambda side"),
        (make_run(samples=()), "no warm call that Lambda answered"),
        (make_run(samples=only("local")), "no warm call that Lambda answered"),
        (make_run(samples=(make_sample(), make_failed())), "no warm call that Lambda answered"),
        (make_run(samples=only("remote")), "no pair of warm calls"),
    ],
)
def test_a_result_that_cannot_answer_names_the_command_to_run_first(run: Run, message: str) -> None:
    with pytest.raises(ResultError, match=message) as raised:
        workloads(run)
    assert "resnet-bench compare" in raised.value.hint


def test_an_engine_that_one_side_did_not_answer_is_left_out() -> None:
    run = make_run()
    samples = tuple(one for one in run.samples if (one.side, one.engine) != ("local", "torch"))
    assert [one.engine for one in workloads(replace(run, samples=samples))] == ["onnx"]


def test_what_needs_cold_starts_says_how_to_measure_some() -> None:
    run = make_run()
    require_cold(torch(run))
    warm = replace(run, samples=tuple(one for one in run.samples if one.phase != "cold"))
    with pytest.raises(ResultError, match="no cold start of torch") as raised:
        require_cold(torch(warm))
    assert "--cold" in raised.value.hint
    assert torch(warm).billed_observer == "billed time in Lambda's REPORT lines"
