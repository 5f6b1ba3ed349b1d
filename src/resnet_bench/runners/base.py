"""The runner seam: one side of the comparison, reduced to "classify these bytes and say how long it took"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from resnet_bench.results.records import (
    Answer,
    ClientTimes,
    Failed,
    ReportLine,
    Sample,
    Side,
    Skipped,
    TraceTimes,
)


@dataclass(frozen=True)
class Photo:
    """Image bytes as both sides get them. ``path`` is set where the local side should time reading the file."""

    name: str
    data: bytes
    path: str | None = None


@dataclass(frozen=True)
class Measurement:
    """What one call gave, before the schedule says which pair and phase it belongs to."""

    outcome: Answer | Failed
    client: ClientTimes | Skipped
    trace: TraceTimes | Skipped
    report: ReportLine | Skipped
    cgroup_peak_bytes: int | Skipped


class Runner(Protocol):
    """One engine on one side.

    A failed call is a ``Measurement`` whose outcome is ``Failed``, because one lost request must not end a
    30-minute watch; what makes the whole side unusable (nothing listens, engine missing) is raised.
    """

    side: Side
    engine: str

    def classify(self, photo: Photo) -> Measurement:
        """Classify once.

        Raises:
            ResnetBenchError: this side cannot work at all.
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
