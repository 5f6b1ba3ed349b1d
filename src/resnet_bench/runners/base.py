"""The runner seam: one side of the comparison, reduced to "classify these bytes and say how long it took"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from resnet_bench.errors import RemoteError, ResnetBenchError
from resnet_bench.results.records import Answer, Attempt, ClientTimes, Failed, ReportLine, Sample, Side, Skipped
from resnet_bench.results.run import Deployment


@dataclass(frozen=True)
class Photo:
    """An image file. Both sides read it from disk anew for each call, and time that."""

    name: str
    path: str


@dataclass(frozen=True)
class Measurement:
    """What one call gave, before the schedule says which pair and phase it belongs to.

    ``answer`` is ``Failed`` only where the call was made to be refused (a probe). Traces come later, through
    ``complete``; so does the REPORT line, unless the call brought its own. ``attempts`` are the tries that failed
    before.
    """

    answer: Answer | Failed
    client: ClientTimes | Skipped
    cgroup_peak_bytes: int | Skipped
    report: ReportLine | None = None
    attempts: tuple[Attempt, ...] = ()


class Endpoint(Protocol):
    """A deployed handler: where it is, and what can be done to it and learnt of it besides calling it."""

    url: str

    def deployment(self) -> Deployment: ...

    def force_cold(self) -> None:
        """Make the next call meet a fresh environment.

        Raises:
            AwsError: it cannot be done here.
        """
        ...

    def set_memory(self, memory_mb: int) -> None:
        """Give the function this memory size, and with it its CPU share: the next call meets a fresh environment.

        Raises:
            AwsError: it cannot be done here, or AWS refuses the size.
        """
        ...

    def settle(self, environment_id: str) -> int | Skipped:
        """Wait until the environment is at rest again; the kernel's memory peak of its sandbox in bytes.

        A call made on this machine while the environment still clears up would share the CPU with it.
        """
        ...

    def explain(self, error: RemoteError) -> ResnetBenchError:
        """The same failure, told by what is known on the far side (its log, its memory limit).

        On this machine, nothing of the failed call runs any more when it returns, for the reason that ``settle`` gives.
        """
        ...

    def complete(self, samples: list[Sample]) -> list[Sample]:
        """The same samples with traces and REPORT figures filled in, in the same order."""
        ...

    def refresh(self, samples: list[Sample]) -> list[Sample]:
        """As ``complete``, of what is there now: AWS is asked once, and not waited for."""
        ...

    def close(self) -> None:
        """Leave nothing running. May be called twice."""
        ...


class Runner(Protocol):
    """One engine on one side."""

    side: Side
    engine: str

    def classify(self, photo: Photo) -> Measurement:
        """Classify once.

        Raises:
            RemoteError: this call gave no answer; whether to go on is for the schedule to decide.
            SetupError: this side cannot work at all.
        """
        ...

    def force_cold(self) -> None:
        """Make the next call meet a fresh environment."""
        ...

    def complete(self, samples: list[Sample]) -> list[Sample]:
        """The same samples with what arrives late (traces, REPORT figures) filled in, in the same order."""
        ...

    def close(self) -> None:
        """Leave nothing running. May be called twice."""
        ...
