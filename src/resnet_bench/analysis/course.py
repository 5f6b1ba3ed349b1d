"""How a run went: each of its calls at its moment, also those that no figure counts, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from resnet_bench.benchmark.series import mislabelled, samples_of
from resnet_bench.benchmark.starts import waited
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run


@dataclass(frozen=True)
class Moment:
    """``at_s`` is from the beginning of the run's first call, by the clock of the machine that measured.

    ``total_s`` is what the caller waited for the answer: of a cold call the start too. ``None`` without an answer.
    ``left_out`` is why the call counts in no figure, empty if it does.
    """

    sample: Sample
    at_s: float
    total_s: float | None
    left_out: str


def course(run: Run, engine: str) -> tuple[Moment, ...]:
    """One engine's calls in the order measured, warm-ups too."""
    moments = [datetime.fromisoformat(sample.started_at).timestamp() for sample in samples_of(run)]
    begun_s = min(moments, default=0.0)
    return tuple(
        Moment(sample, at_s - begun_s, waited(sample), _left_out(sample))
        for sample, at_s in zip(samples_of(run), moments, strict=True)
        if sample.engine == engine
    )


def _left_out(sample: Sample) -> str:
    answer = sample.outcome
    if isinstance(answer, Failed):
        return answer.message
    if sample.attempts:
        return f"answered only when repeated, at try {len(sample.attempts) + 1}"
    if mislabelled(sample, answer):
        return "met a fresh environment" if answer.identity.cold_start else "its environment had answered before"
    return ""
