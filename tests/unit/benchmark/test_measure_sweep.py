"""The measuring loop where memory sizes die, on replayed times and a false clock."""

from __future__ import annotations

from dataclasses import dataclass

from clocks import FalseClock
from factories import make_answer, make_client
from resnet_bench.benchmark.measure import Measuring, Step
from resnet_bench.benchmark.pacing import Pacer
from resnet_bench.benchmark.schedule import Place
from resnet_bench.benchmark.sweep import sweep
from resnet_bench.benchmark.tolerance import HopelessPlaces
from resnet_bench.errors import OutOfMemory
from resnet_bench.results.records import Failed, Sample, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.scripted import ScriptedRunner

PHOTO = Photo("cat.jpg", "/nowhere/cat.jpg")
SMALL, LARGE = Place("torch", "remote", "128 MB"), Place("torch", "remote", "512 MB")
KILLED = OutOfMemory("the emulated Lambda was killed at its memory limit of 128 MB")


@dataclass
class TakingTime(ScriptedRunner):
    """Each call takes ``takes_s`` of the clock."""

    clock: FalseClock | None = None
    takes_s: float = 0.0

    def classify(self, photo: Photo) -> Measurement:
        assert self.clock is not None
        self.clock.now_s += self.takes_s
        return super().classify(photo)


def swept(clock: FalseClock, *, cold: int) -> tuple[list[Sample], TakingTime, list[Step]]:
    """A sweep of four runs at a size that dies and one that does not; and the runner of the first."""
    answered = Measurement(make_answer(side="remote"), make_client(0.2), Skipped("not seen"))
    dying = TakingTime("torch", "remote", [KILLED], clock=clock, takes_s=9.0)
    runners = {SMALL: dying, LARGE: TakingTime("torch", "remote", [answered], clock=clock, takes_s=2.0)}
    steps: list[Step] = []
    measuring = Measuring(runners, [PHOTO], Pacer(0.0), steps.append, clock, tolerance=HopelessPlaces())
    planned = sweep([SMALL, LARGE], images=1, runs=4, warmup=1, cold=cold, seed=0)
    return list(measuring.run(planned)), dying, steps


def test_a_size_that_is_given_up_is_not_called_again_and_the_others_go_on() -> None:
    samples, dying, _ = swept(FalseClock(), cold=2)
    (dead,) = [sample for sample in samples if sample.variant == "128 MB"]
    assert dead.outcome == Failed(error="OutOfMemory", message=KILLED.message, status=None)
    assert dying.calls == ["cold", "cat.jpg"]
    assert sum(sample.variant == "512 MB" for sample in samples) == 2 + 2 + 4


def test_a_size_that_is_given_up_takes_no_time_in_the_estimate() -> None:
    _, _, steps = swept(FalseClock(), cold=0)
    assert steps[-1].left_s == 2.0
