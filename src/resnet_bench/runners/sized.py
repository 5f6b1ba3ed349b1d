"""One function at several memory sizes: a runner for each size, all of which share the function's one setting."""

from __future__ import annotations

from collections.abc import Iterable

from resnet_bench.results.records import Sample
from resnet_bench.runners.base import Endpoint, Measurement, Photo, Runner


class Dial:
    """The memory setting of ``endpoint``, turned only where it does not stand there already."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._memory_mb: int | None = None

    def turn(self, memory_mb: int) -> None:
        """Afterwards calls meet a function of this size; after a change, in a fresh environment.

        Raises:
            AwsError: AWS refuses the size, or the change failed.
        """
        if memory_mb != self._memory_mb:
            # Where a change fails it is not known what stands there.
            self._memory_mb = None
            self._endpoint.set_memory(memory_mb)
            self._memory_mb = memory_mb


class SizedRunner:
    """Classifies by ``runner`` at ``memory_mb``. Who closes ``runner`` is whoever made it.

    What has to be changed is changed by the call that needs it, so that a refused size is that call's failure.
    """

    def __init__(self, runner: Runner, dial: Dial, memory_mb: int) -> None:
        self.side, self.engine = runner.side, runner.engine
        self._runner, self._dial, self._memory_mb = runner, dial, memory_mb
        self._cold = False

    def classify(self, photo: Photo) -> Measurement:
        cold, self._cold = self._cold, False
        self._dial.turn(self._memory_mb)
        if cold:
            # A change of size alone would do; but the runner below has to know that its next call is a cold one.
            self._runner.force_cold()
        return self._runner.classify(photo)

    def force_cold(self) -> None:
        self._cold = True

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return self._runner.complete(samples)

    def close(self) -> None:
        """Nothing: the runner below serves the other sizes too."""


def sized(runner: Runner, endpoint: Endpoint, sizes_mb: Iterable[int]) -> dict[int, SizedRunner]:
    """A runner for each size, in MB."""
    dial = Dial(endpoint)
    return {memory_mb: SizedRunner(runner, dial, memory_mb) for memory_mb in sizes_mb}
