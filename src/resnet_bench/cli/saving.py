"""Where the samples of a run go while it is in progress: into a result file, or nowhere but memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import replace

from resnet_bench.results.levels import LoadLevel
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Caveat, Run


class Keeper(Protocol):
    """``results.files.ResultWriter``, as far as a load test needs it."""

    @property
    def run(self) -> Run: ...

    def add(self, sample: Sample) -> None: ...

    def add_level(self, level: LoadLevel) -> None: ...

    def add_caveat(self, caveat: Caveat) -> None: ...


@dataclass
class Unsaved:
    """For ``--no-save``. ``begun`` is the run before its first sample."""

    begun: Run
    _samples: list[Sample] = field(default_factory=list)
    _levels: list[LoadLevel] = field(default_factory=list)
    _caveats: list[Caveat] = field(default_factory=list)

    @property
    def run(self) -> Run:
        return replace(
            self.begun,
            samples=tuple(self._samples),
            levels=tuple(self._levels),
            caveats=tuple(self._caveats),
            finished=True,
        )

    def add(self, sample: Sample) -> None:
        self._samples.append(sample)

    def add_level(self, level: LoadLevel) -> None:
        self._levels.append(level)

    def add_caveat(self, caveat: Caveat) -> None:
        self._caveats.append(caveat)
