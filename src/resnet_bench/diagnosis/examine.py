"""Examinations one after another, told with the time left; what cannot be examined is a finding like any other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from resnet_bench.errors import ResnetBenchError
from resnet_bench.progress import Progress
from resnet_bench.results.diagnosis import Finding, Subject
from resnet_bench.units import time_left

Clock = Callable[[], float]
# Tells how far an examination is: what it does now, and the fraction of it that is done.
Told = Callable[[str, float], None]


@dataclass(frozen=True)
class Examination:
    """``expected_s`` is about how long it takes; ``run`` is given what to tell its steps to."""

    subject: Subject
    expected_s: float
    run: Callable[[Told], Iterable[Finding]]


def examine(
    examinations: Sequence[Examination], progress: Progress, clock: Clock = time.monotonic
) -> tuple[Finding, ...]:
    """All findings, in order. What fails on the way ends its own subject and no other."""
    found: list[Finding] = []
    whole_s, past_s, begun_s = sum(one.expected_s for one in examinations), 0.0, clock()
    for one in examinations:
        # By how much the examinations so far took longer than expected, or less long.
        pace = (clock() - begun_s) / past_s if past_s else 1.0
        tell = _telling(one, past_s, whole_s, pace, progress)
        tell("begins", 0.0)
        found += _findings(one, tell)
        past_s += one.expected_s
    return tuple(found)


def _telling(one: Examination, past_s: float, whole_s: float, pace: float, progress: Progress) -> Told:
    def tell(text: str, fraction: float) -> None:
        done_s = past_s + one.expected_s * min(1.0, fraction)
        left = time_left((whole_s - done_s) * pace)
        progress.step(f"{one.subject}: {text}, about {left} left", done_s / whole_s)

    return tell


def _findings(one: Examination, tell: Told) -> Iterator[Finding]:
    try:
        yield from one.run(tell)
    except ResnetBenchError as error:
        yield _failed(one.subject, error.message, error.hint)
    except OSError as error:
        yield _failed(one.subject, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", "")


def _failed(subject: Subject, why: str, hint: str) -> Finding:
    return Finding(
        code=f"{subject}-unexamined",
        subject=subject,
        what="the rest of this subject",
        verdict="not measured",
        told=why,
        follows="what it would have told is not known",
        todo=hint,
    )
