"""What a later question to AWS has brought to samples that were waiting for it, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from resnet_bench.results.records import ReportLine, Sample, Skipped, TraceTimes

Late = TraceTimes | ReportLine | Skipped


class Arrivals(NamedTuple):
    """Of the samples that were waiting: how many have it now; why others never will; why the rest still waits."""

    arrived_count: int
    final: Counter[str]
    missing: Counter[str]


class Collected(NamedTuple):
    traces: Arrivals
    reports: Arrivals


def waiting_count(samples: Iterable[Sample]) -> int:
    """How many traces and REPORT lines may still arrive."""
    return sum(_waits(value) for sample in samples for value in (sample.trace, sample.report))


def arrivals(before: Sequence[Sample], after: Sequence[Sample]) -> Collected:
    """``after`` is ``before`` with late figures filled in: the same samples in the same order."""
    return Collected(
        _arrivals(before, after, lambda sample: sample.trace), _arrivals(before, after, lambda sample: sample.report)
    )


def _arrivals(before: Sequence[Sample], after: Sequence[Sample], read: Callable[[Sample], Late]) -> Arrivals:
    now = [read(new) for old, new in zip(before, after, strict=True) if _waits(read(old))]
    skipped = [value for value in now if isinstance(value, Skipped)]
    return Arrivals(
        len(now) - len(skipped),
        Counter(value.reason for value in skipped if not value.pending),
        Counter(value.reason for value in skipped if value.pending),
    )


def _waits(value: Late) -> bool:
    return isinstance(value, Skipped) and value.pending
