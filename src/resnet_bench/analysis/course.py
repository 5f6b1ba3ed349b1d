"""How a run went: each of its calls at its moment, also those that no figure counts, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from resnet_bench.benchmark.error_rates import parts_of
from resnet_bench.benchmark.series import mislabelled
from resnet_bench.benchmark.starts import waited
from resnet_bench.results.once import once
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run
from resnet_bench.results.variants import plain

# Of the run's length until then.
_PAUSE = 0.03


@dataclass(frozen=True)
class Moment:
    """``at_s`` is from the beginning of the run's first call, by the clock of the machine that measured.

    The time in which the run was interrupted is not in it.

    ``total_s`` is what the caller waited for the answer: of a cold call the start too. ``None`` without an answer.
    ``left_out`` is why the call counts in no figure, empty if it does.
    """

    sample: Sample
    at_s: float
    total_s: float | None
    left_out: str


@dataclass(frozen=True)
class Break:
    """The run was interrupted ``at_s`` into it, and gone on with ``gap_s`` after its last call began."""

    at_s: float
    gap_s: float
    resumed_at: str


def course(run: Run, engine: str) -> tuple[Moment, ...]:
    """One engine's calls in the order measured, warm-ups too."""
    return tuple(
        Moment(sample, at_s, waited(sample), _left_out(sample))
        for sample, at_s in zip(plain(run).samples, _moments(run)[0], strict=True)
        if sample.engine == engine
    )


def breaks(run: Run) -> tuple[Break, ...]:
    """Where the run was interrupted, as far as calls follow."""
    return _moments(run)[1]


@once
def _moments(run: Run) -> tuple[tuple[float, ...], tuple[Break, ...]]:
    """Each part begins a pause after the last call of the one before: a night between them would leave no room."""
    found: list[float] = []
    between: list[Break] = []
    ended_s = last_s = 0.0
    resumed = ["", *(seam.resumed_at for seam in run.seams)]
    for when, part in zip(resumed, parts_of(plain(run)), strict=True):
        times_s = [datetime.fromisoformat(sample.started_at).timestamp() for sample in part]
        if not times_s:
            continue
        begins_s = min(times_s)
        if found:
            between.append(Break((found[-1] + ended_s) / 2, begins_s - last_s, when))
        found += [ended_s + time_s - begins_s for time_s in times_s]
        last_s = times_s[-1]
        ended_s = max(found) + _PAUSE * max(*found, 1.0)
    return tuple(found), tuple(between)


def _left_out(sample: Sample) -> str:
    answer = sample.outcome
    if isinstance(answer, Failed):
        return answer.message
    if sample.attempts:
        return f"answered only when repeated, at try {len(sample.attempts) + 1}"
    if mislabelled(sample, answer):
        return "met a fresh environment" if answer.identity.cold_start else "its environment had answered before"
    return ""
