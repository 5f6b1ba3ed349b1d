"""A runner that measures nothing: it replays given times, so that the measuring loop can be tested in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from resnet_bench.errors import ResnetBenchError
from resnet_bench.results.records import Sample, Side
from resnet_bench.runners.base import Measurement, Photo


@dataclass
class ScriptedRunner:
    """Gives ``script`` one after the other, from the start again when it ends; an exception in it is raised.

    ``calls`` is what was asked of it: a photo's name for each call, ``cold`` for each forced cold start.
    """

    engine: str
    side: Side
    script: Sequence[Measurement | ResnetBenchError]
    calls: list[str] = field(default_factory=list)
    closed: bool = False
    _script: Iterator[Measurement | ResnetBenchError] = field(init=False)

    def __post_init__(self) -> None:
        self._script = self._endless()

    def _endless(self) -> Iterator[Measurement | ResnetBenchError]:
        while True:
            yield from self.script

    def classify(self, photo: Photo) -> Measurement:
        self.calls.append(photo.name)
        given = next(self._script)
        if isinstance(given, ResnetBenchError):
            raise given
        return given

    def force_cold(self) -> None:
        self.calls.append("cold")

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self.closed = True
