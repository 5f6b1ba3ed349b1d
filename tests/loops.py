"""The measuring loop for tests: scripted sides, a false clock, and a schedule for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from factories import make_answer, make_client
from resnet_bench.benchmark.measure import Measuring
from resnet_bench.benchmark.pacing import Pacer
from resnet_bench.benchmark.schedule import Place, Schedule, plan
from resnet_bench.errors import ResnetBenchError
from resnet_bench.results.records import Side, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.scripted import ScriptedRunner

PHOTOS = [Photo("cat.jpg", "/nowhere/cat.jpg"), Photo("dog.jpg", "/nowhere/dog.jpg")]


@dataclass
class FalseClock:
    """Time passes only when somebody sleeps or a call takes it."""

    now_s: float = 100.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@dataclass
class TakingTime(ScriptedRunner):
    """A scripted runner whose calls take time of the false clock; ``interrupt_at`` is a call where Ctrl-C is hit."""

    clock: FalseClock = field(default_factory=FalseClock)
    takes_s: float = 0.0
    interrupt_at: int = 0

    def classify(self, photo: Photo) -> Measurement:
        self.clock.now_s += self.takes_s
        if self.interrupt_at and len(self.calls) + 1 == self.interrupt_at:
            raise KeyboardInterrupt
        return super().classify(photo)


def measurement(side: Side = "local", **changes: object) -> Measurement:
    client = make_client(0.2) if side == "remote" else Skipped("a local call has no client")
    return Measurement(make_answer(side=side, **changes), client, 300_000_000)


def both(script: list[Measurement | ResnetBenchError], clock: FalseClock | None = None) -> dict[Place, ScriptedRunner]:
    """A local side that always answers, and a remote side with this script."""
    clock = clock or FalseClock()
    return {
        Place("torch", "local"): TakingTime("torch", "local", [measurement()], clock=clock, takes_s=1.0),
        Place("torch", "remote"): TakingTime("torch", "remote", script, clock=clock, takes_s=2.0),
    }


def schedule(
    *, runs: int = 4, warmup: int = 1, cold: int = 2, sides: tuple[Side, ...] = ("local", "remote")
) -> Schedule:
    places = [Place("torch", side) for side in sides]
    return plan(places, images=2, runs=runs, warmup=warmup, cold=cold, seed=3)


def measuring(runners: dict[Place, ScriptedRunner], clock: FalseClock | None = None, **rest: object) -> Measuring:
    clock = clock or FalseClock()
    pacer = Pacer(float(rest.pop("interval_s", 0.0)), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    return Measuring(runners, PHOTOS, pacer, clock=clock, **rest)  # type: ignore[arg-type]
