"""The cheapest request that a deployed handler answers, as a runner: what a call costs beside its work."""

from __future__ import annotations

from msgspec.structs import replace

from resnet_bench.results.records import Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.deployed import DeployedRunner

_NOT_ASKED = Skipped("a probe's trace and REPORT line are not asked for")


class ProbeRunner:
    """Calls by ``runner`` without an image. Its samples are refusals (400) that have the client's times."""

    side: Side = "remote"

    def __init__(self, runner: DeployedRunner) -> None:
        self.engine = runner.engine
        self._runner = runner

    def classify(self, photo: Photo) -> Measurement:  # noqa: ARG002 - Runner's signature
        return self._runner.probe()

    def force_cold(self) -> None:
        self._runner.force_cold()

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return [replace(sample, trace=_NOT_ASKED, report=_NOT_ASKED) for sample in samples]

    def close(self) -> None:
        self._runner.close()
