"""How many calls failed at each place of a run, why, and for how long in a row: none is ever left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from resnet_bench.benchmark.proportions import share_interval
from resnet_bench.benchmark.series import engines_and_sides
from resnet_bench.benchmark.stats import Interval
from resnet_bench.results.once import once
from resnet_bench.results.records import Failed, Sample, Side
from resnet_bench.results.run import Run
from resnet_bench.results.variants import plain


@dataclass(frozen=True)
class ErrorRate:
    """Of all calls to one place, warm-ups and cold starts too.

    ``repeated`` were answered when they were asked again. ``reasons`` count what failed, the most frequent first.
    ``outage_s`` is the longest time from a call that failed to the next that was answered, or to the last that failed
    where the run, or the part before a seam, ended without one; by the wall clock of the machine that called.
    """

    engine: str
    side: Side
    failed: int
    calls: int
    repeated: int
    interval: Interval
    reasons: tuple[tuple[str, int], ...]
    outage_s: float | None

    @property
    def share(self) -> float:
        return self.failed / self.calls


@once
def error_rates(run: Run) -> tuple[ErrorRate, ...]:
    """Of each engine on each side that was called."""
    return tuple(_rate(run, engine, side) for engine, side in engines_and_sides(run))


def _rate(run: Run, engine: str, side: Side) -> ErrorRate:
    parts = [_of_place(part, engine, side) for part in parts_of(plain(run))]
    calls = [sample for part in parts for sample in part]
    failed = [sample.outcome for sample in calls if isinstance(sample.outcome, Failed)]
    return ErrorRate(
        engine=engine,
        side=side,
        failed=len(failed),
        calls=len(calls),
        repeated=sum(bool(sample.attempts) and not isinstance(sample.outcome, Failed) for sample in calls),
        interval=share_interval(len(failed), len(calls)),
        reasons=tuple(Counter(map(reason, failed)).most_common()),
        outage_s=max((length_s for part in parts for length_s in _outages(part)), default=None),
    )


def parts_of(run: Run) -> tuple[tuple[Sample, ...], ...]:
    """The samples between the seams, in the order measured; all in one of a run that was never interrupted."""
    ends = (0, *(seam.after_count for seam in run.seams), len(run.samples))
    return tuple(run.samples[begin:end] for begin, end in pairwise(ends))


def reason(failed: Failed) -> str:
    """In a word or two: ``HTTP 503``, ``ConnectError``."""
    return failed.error if failed.status is None else f"HTTP {failed.status}"


def _of_place(samples: Sequence[Sample], engine: str, side: Side) -> list[Sample]:
    return [sample for sample in samples if (sample.engine, sample.side) == (engine, side)]


def _outages(samples: Sequence[Sample]) -> Iterator[float]:
    begun: datetime | None = None
    last: datetime | None = None
    for sample in samples:
        last = datetime.fromisoformat(sample.started_at)
        if isinstance(sample.outcome, Failed):
            begun = begun or last
        elif begun is not None:
            yield _between_s(begun, last)
            begun = None
    if begun is not None and last is not None:
        yield _between_s(begun, last)


def _between_s(begun: datetime, ended: datetime) -> float:
    """Not less than nothing, even if the clock was set back meanwhile."""
    return max(0.0, (ended - begun).total_seconds())
