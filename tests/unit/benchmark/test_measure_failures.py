"""Which failed calls the measuring loop lives with, and what it keeps of them."""

from __future__ import annotations

import pytest

from loops import both, measurement, measuring, schedule
from resnet_bench.benchmark.schedule import Place
from resnet_bench.errors import (
    ConnectError,
    HttpError,
    ImageError,
    OutOfMemory,
    RemoteTimeout,
    ResnetBenchError,
    SandboxError,
)
from resnet_bench.results.records import Answer, Failed, Sample, Skipped
from resnet_bench.runners.scripted import ScriptedRunner

BROKEN = HttpError("it answered 502", status=502, code="Bad")


def test_a_call_that_fails_after_an_answer_is_a_failed_sample_and_the_run_goes_on() -> None:
    runners = both([measurement("remote"), BROKEN, RemoteTimeout("too late"), measurement("remote")])
    samples = list(measuring(runners).run(schedule(runs=4, warmup=0, cold=0, sides=("remote",))))
    assert [type(sample.outcome) for sample in samples] == [Answer, Failed, Failed, Answer]
    assert samples[1].outcome == Failed(error="HttpError", message="it answered 502", status=502)
    assert samples[2].outcome == Failed(error="RemoteTimeout", message="too late", status=None)
    for record in (samples[1].client, samples[1].trace, samples[1].report, samples[1].cgroup_peak_bytes):
        assert isinstance(record, Skipped)
        assert not record.pending


def test_a_side_that_never_answered_is_an_error_and_not_a_series_of_failures() -> None:
    runners = both([BROKEN])
    kept: list[Sample] = []
    with pytest.raises(HttpError, match="502"):
        kept.extend(measuring(runners).run(schedule()))
    assert len([call for call in runners[Place("torch", "remote")].calls if call != "cold"]) == 1


def test_each_side_must_have_answered_for_itself() -> None:
    runners = both([BROKEN])
    loop = measuring(runners)
    samples: list[Sample] = []
    with pytest.raises(HttpError):
        samples.extend(loop.run(schedule(runs=9, warmup=0, cold=0)))
    assert {sample.side for sample in samples} <= {"local"}


@pytest.mark.parametrize("error", [SandboxError("the process ended"), OutOfMemory("killed")])
def test_a_process_that_dies_is_a_failed_call_and_one_that_dies_again_at_once_ends_the_run(
    error: ResnetBenchError,
) -> None:
    good = measurement("remote")
    runners = both([good, error, good, error, error])
    samples: list[Sample] = []
    with pytest.raises(type(error)):
        samples.extend(measuring(runners).run(schedule(runs=9, warmup=0, cold=0, sides=("remote",))))
    assert [type(sample.outcome) for sample in samples] == [Answer, Failed, Answer, Failed]


def test_an_image_that_cannot_be_read_any_more_ends_the_run() -> None:
    runners = both([measurement("remote"), ImageError("cat.jpg: no such file", code="not_found")])
    with pytest.raises(ImageError):
        list(measuring(runners).run(schedule(runs=2, warmup=0, cold=0, sides=("remote",))))


def test_a_cold_start_that_could_not_be_forced_is_a_failed_call() -> None:
    class Unforced(ScriptedRunner):
        def force_cold(self) -> None:
            raise ConnectError("no way to AWS")

    runners = {Place("torch", "remote"): Unforced("torch", "remote", [measurement("remote")])}
    samples = list(measuring(runners).run(schedule(runs=1, warmup=1, cold=2, sides=("remote",))))
    assert [(sample.phase, type(sample.outcome)) for sample in samples] == [
        ("warmup", Answer),
        ("cold", Failed),
        ("cold", Failed),
        ("warmup", Answer),
        ("warm", Answer),
    ]
