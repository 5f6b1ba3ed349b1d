"""The measuring loop: takes a schedule through the runners and hands each sample on the moment that it is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from resnet_bench.benchmark.pacing import Pacer, TimeLeft
from resnet_bench.benchmark.schedule import Block, Call, Place, Schedule
from resnet_bench.benchmark.tolerance import OneLostCall, Tolerance
from resnet_bench.errors import HttpError, RemoteError, ResnetBenchError
from resnet_bench.results.records import Failed, Phase, Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo, Runner

_NOT_ASKED_YET = Skipped("not asked for yet", pending=True)
_LOCAL = Skipped("a local call has none")
_NO_ANSWER = Skipped("the call failed")


@dataclass(frozen=True)
class Step:
    """How far the run is: a call of block ``number`` of ``count`` begins.

    ``left_s`` was estimated when the block began; ``None`` before the first estimate.
    """

    phase: Phase
    number: int
    count: int
    left_s: float | None
    place: Place


@dataclass
class Measuring:
    """One run in progress. ``runners`` has one for each place that the schedule calls.

    ``on_step`` hears of every call before it starts; ``pacer`` holds the measured blocks to their grid; ``tolerance``
    decides which failures become samples.
    """

    runners: Mapping[Place, Runner]
    photos: Sequence[Photo]
    pacer: Pacer
    on_step: Callable[[Step], None] = lambda _step: None
    clock: Callable[[], float] = time.monotonic
    tolerance: Tolerance = field(default_factory=OneLostCall)

    def run(self, schedule: Schedule) -> Iterator[Sample]:
        """Each sample as soon as it is measured.

        A call whose failure ``tolerance`` excuses becomes a ``Failed`` sample. Where it has given a place up, the calls
        that are left to it are not made and leave no samples.

        Raises:
            ResnetBenchError: a failure that is not excused; by default of a side that has never answered, of a process
                that dies again and again, or of an image that cannot be read any more.
        """
        left = TimeLeft((block.kind for block in schedule.blocks), self.pacer.interval_s)
        for number, block in enumerate(schedule.blocks, start=1):
            calls = [call for call in block.calls if not self.tolerance.given_up(call.place)]
            if not calls:
                left.skip(block.kind)
                continue
            left_s, started_s = left.seconds(), self.clock()
            for index, call in enumerate(calls):
                self.on_step(Step(block.phase, number, len(schedule.blocks), left_s, call.place))
                if index == 0 and block.phase == "warm":
                    self.pacer.wait()
                    started_s = self.clock()
                yield self._sample(block, call)
            left.done(block.kind, self.clock() - started_s)

    def _sample(self, block: Block, call: Call) -> Sample:
        place = call.place
        runner, photo = self.runners[place], self.photos[block.image]
        started_at = datetime.now(UTC).isoformat()
        try:
            if block.phase == "cold":
                runner.force_cold()  # on AWS a call of its own, which can be lost like any other
                started_at = datetime.now(UTC).isoformat()
            found = _measured(runner.classify(photo), place.side)
            self.tolerance.answered(place)
        except ResnetBenchError as error:
            if not self.tolerance.excuses(place, error):
                raise
            found = _failed(error)
        return Sample(
            side=place.side,
            engine=place.engine,
            variant=place.variant,
            phase=block.phase,
            pair=block.pair,
            position=call.position,
            image=photo.name,
            started_at=started_at,
            **found,
        )


def _measured(measured: Measurement, side: Side) -> dict[str, Any]:
    """The rest of a ``Sample`` that was answered."""
    late = _NOT_ASKED_YET if side == "remote" else _LOCAL
    return {
        "outcome": measured.answer,
        "client": measured.client,
        "trace": late,
        "report": measured.report or late,
        "cgroup_peak_bytes": measured.cgroup_peak_bytes,
        "attempts": measured.attempts,
    }


def _failed(error: ResnetBenchError) -> dict[str, Any]:
    """The rest of a ``Sample`` that was not."""
    status = error.status if isinstance(error, HttpError) else None
    return {
        "outcome": Failed(error=type(error).__name__, message=error.message, status=status),
        **dict.fromkeys(("client", "trace", "report", "cgroup_peak_bytes"), _NO_ANSWER),
        "attempts": error.attempts if isinstance(error, RemoteError) else (),
    }


def complete(samples: Sequence[Sample], runners: Mapping[Place, Runner]) -> list[Sample]:
    """The samples with what arrives late filled in by the runner that made them, in the same order."""
    completed = list(samples)
    for place, runner in runners.items():
        own = [
            index for index, sample in enumerate(samples) if Place(sample.engine, sample.side, sample.variant) == place
        ]
        for index, sample in zip(own, runner.complete([samples[index] for index in own]), strict=True):
            completed[index] = sample
    return completed
