"""The measuring loop, on replayed times and a false clock."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from factories import make_attempt, make_report, make_trace
from loops import PHOTOS, FalseClock, TakingTime, both, measurement, measuring, schedule
from resnet_bench.benchmark.measure import Step, complete
from resnet_bench.benchmark.schedule import Place, plan
from resnet_bench.errors import HttpError
from resnet_bench.results.records import Answer, Failed, Sample, Skipped, TraceTimes
from resnet_bench.runners.scripted import ScriptedRunner


def test_samples_come_in_the_order_of_the_schedule_and_say_where_they_belong() -> None:
    planned = schedule()
    samples = list(measuring(both([measurement("remote")])).run(planned))

    wanted = [
        (block.phase, block.pair, PHOTOS[block.image].name, call.place.side, call.position)
        for block in planned.blocks
        for call in block.calls
    ]
    assert [(s.phase, s.pair, s.image, s.side, s.position) for s in samples] == wanted


def test_both_sides_of_a_pair_get_the_same_photo() -> None:
    runners = both([measurement("remote")])
    list(measuring(runners).run(schedule()))
    local, remote = ([name for name in runner.calls if name != "cold"] for runner in runners.values())
    assert local == remote
    assert set(local) == {"cat.jpg", "dog.jpg"}


def test_a_cold_start_is_forced_before_each_cold_call_and_never_else() -> None:
    runners = both([measurement("remote")])
    planned = schedule(runs=3, warmup=2, cold=2)
    samples = list(measuring(runners).run(planned))
    for (_, side, _), runner in runners.items():
        phases = [sample.phase for sample in samples if sample.side == side]
        forced = [index for index, call in enumerate(runner.calls) if call == "cold"]
        calls_before = [index - number for number, index in enumerate(forced)]
        assert calls_before == [index for index, phase in enumerate(phases) if phase == "cold"]


def test_a_sample_keeps_what_the_runner_measured() -> None:
    given = measurement("remote")
    (sample,) = measuring(both([given])).run(schedule(runs=1, warmup=0, cold=0, sides=("remote",)))
    assert (sample.outcome, sample.client, sample.cgroup_peak_bytes) == (
        given.answer,
        given.client,
        given.cgroup_peak_bytes,
    )


def test_traces_are_pending_on_the_remote_side_and_final_on_the_local() -> None:
    for sample in measuring(both([measurement("remote")])).run(schedule(runs=2, warmup=0, cold=0)):
        for late in (sample.trace, sample.report):
            assert isinstance(late, Skipped)
            assert late.pending == (sample.side == "remote")


def test_the_tries_before_an_answer_or_a_failure_are_kept_with_the_sample() -> None:
    once, twice = (make_attempt(),), (make_attempt(), make_attempt("ConnectError"))
    lost = HttpError("it answered 503", status=503)
    lost.attempts = twice
    script = [measurement("remote"), dataclasses.replace(measurement("remote"), attempts=once), lost]
    samples = list(measuring(both(script)).run(schedule(runs=3, warmup=0, cold=0, sides=("remote",))))
    assert [sample.attempts for sample in samples] == [(), once, twice]
    assert [type(sample.outcome) for sample in samples] == [Answer, Answer, Failed]


def test_a_report_that_came_with_the_answer_is_kept_and_not_asked_for() -> None:
    report = make_report(0.2)
    script = [dataclasses.replace(measurement("remote"), report=report)]
    (sample,) = measuring(both(script)).run(schedule(runs=1, warmup=0, cold=0, sides=("remote",)))
    assert sample.report == report
    assert isinstance(sample.trace, Skipped)
    assert sample.trace.pending


def test_ctrl_c_in_a_call_leaves_the_samples_before_it_with_the_caller() -> None:
    clock = FalseClock()
    runners = {
        Place("torch", "local"): TakingTime("torch", "local", [measurement()], clock=clock, takes_s=1.0, interrupt_at=3)
    }
    samples: list[Sample] = []
    with pytest.raises(KeyboardInterrupt):
        samples.extend(measuring(runners, clock).run(schedule(runs=9, warmup=0, cold=0, sides=("local",))))
    assert len(samples) == 2


def test_measured_blocks_start_on_the_grid_and_the_others_at_once() -> None:
    clock = FalseClock()
    starts: list[tuple[str, float]] = []
    loop = measuring(both([measurement("remote")], clock), clock, interval_s=30.0)
    for sample in loop.run(schedule(runs=3, warmup=2, cold=1)):
        if sample.position == 0:
            took_s = 1.0 if sample.side == "local" else 2.0
            starts.append((sample.phase, clock.now_s - took_s))
    warm = [start for phase, start in starts if phase == "warm"]
    assert [later - warm[0] for later in warm] == [0.0, 30.0, 60.0]
    assert clock.slept == [27.0, 27.0], "warm-ups and cold starts do not wait"


def test_every_call_is_announced_before_it_starts_with_the_time_left() -> None:
    clock = FalseClock()
    steps: list[tuple[Step, float]] = []
    loop = measuring(
        both([measurement("remote")], clock), clock, on_step=lambda step: steps.append((step, clock.now_s))
    )
    samples = list(loop.run(schedule(runs=2, warmup=1, cold=1)))
    assert [(step.phase, step.place) for step, _ in steps] == [
        (sample.phase, Place(sample.engine, sample.side)) for sample in samples
    ]
    assert [(step.number, step.count) for step, _ in steps] == [(block, 5) for block in (1, 2, 3, 4, 5) for _ in "ab"]
    firsts = steps[::2]
    assert [at for _, at in firsts] == [100.0, 103.0, 106.0, 109.0, 112.0]
    assert [step.left_s for step, _ in firsts] == [None, None, 9.0, 6.0, 3.0], "each block takes 3 s"


@dataclass
class Completing(ScriptedRunner):
    asked: list[Sample] = field(default_factory=list)

    def complete(self, samples: list[Sample]) -> list[Sample]:
        self.asked = samples
        return [replace(sample, trace=make_trace(sample.pair + 1.0)) for sample in samples]


def test_completion_asks_each_runner_for_its_own_samples_and_keeps_the_order() -> None:
    runners: dict[Place, ScriptedRunner] = {
        Place("torch", "local"): ScriptedRunner("torch", "local", [measurement()]),
        Place("torch", "remote"): Completing("torch", "remote", [measurement("remote")]),
    }
    samples = list(measuring(runners).run(schedule()))
    completed = complete(samples, runners)
    assert [replace(sample, trace=samples[0].trace) for sample in completed] == [
        replace(sample, trace=samples[0].trace) for sample in samples
    ]
    for before, after in zip(samples, completed, strict=True):
        assert after.trace == (make_trace(before.pair + 1.0) if before.side == "remote" else before.trace)
    asked = runners[Place("torch", "remote")].asked  # type: ignore[attr-defined]
    assert asked == [sample for sample in samples if sample.side == "remote"]


def test_a_variants_samples_say_so_and_are_completed_by_their_own_runner() -> None:
    runners: dict[Place, ScriptedRunner] = {
        Place("torch", "remote"): ScriptedRunner("torch", "remote", [measurement("remote")]),
        Place("torch", "remote", "512 MB"): Completing("torch", "remote", [measurement("remote")]),
    }
    planned = plan(tuple(runners), images=2, runs=3, warmup=0, cold=0, seed=3)
    samples = list(measuring(runners).run(planned))
    assert [sample.variant for sample in samples] == [call.place.variant for b in planned.blocks for call in b.calls]
    completed = complete(samples, runners)
    assert {sample.variant for sample in completed if isinstance(sample.trace, TraceTimes)} == {"512 MB"}


def test_a_runner_that_loses_a_sample_is_found_out() -> None:
    class Losing(ScriptedRunner):
        def complete(self, samples: list[Sample]) -> list[Sample]:
            return samples[1:]

    runners: dict[Place, ScriptedRunner] = {
        Place("torch", "remote"): Losing("torch", "remote", [measurement("remote")])
    }
    samples = list(measuring(runners).run(schedule(sides=("remote",))))
    with pytest.raises(ValueError, match="shorter"):
        complete(samples, runners)
