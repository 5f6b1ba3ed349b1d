"""Doubts about single calls: failed, throttled, repeated, or not what their phase says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resnet_bench.benchmark.series import mislabelled, samples_of
from resnet_bench.results.records import Answer, Attempt, Failed, Phase
from resnet_bench.results.run import Caveat, Run

TOO_MANY_REQUESTS = 429
# What went wrong with a try that got no HTTP status, by its exception.
_CAUSES = {"ConnectError": "connection lost", "RemoteTimeout": "time-out", "AwsError": "AWS in trouble"}


def failures(run: Run) -> Iterator[Caveat]:
    failed = [sample.outcome for sample in run.samples if isinstance(sample.outcome, Failed)]
    reasons = Counter(outcome.message for outcome in failed if outcome.status != TOO_MANY_REQUESTS)
    if reasons:
        count, total = reasons.total(), len(run.samples)
        (reason, times), *_ = reasons.most_common(1)
        yield Caveat(
            code="failures",
            message=f"{count} of {total} calls failed ({count / total:.1%}), {times} of them: {reason}",
            next_step="look at the function's log; the figures are those of the other calls",
        )


def throttled(run: Run) -> Iterator[Caveat]:
    outcomes = [sample.outcome for sample in run.samples]
    count = sum(isinstance(outcome, Failed) and outcome.status == TOO_MANY_REQUESTS for outcome in outcomes)
    if count:
        yield Caveat(
            code="throttled",
            message=f"{count} of {len(outcomes)} calls were refused with 429: more at once than the function may serve",
            next_step="use --interval, or raise the function's concurrency",
        )


def retried(run: Run) -> Iterator[Caveat]:
    again = [sample for sample in run.samples if isinstance(sample.outcome, Answer) and sample.attempts]
    if again:
        causes = Counter(_cause(attempt) for sample in again for attempt in sample.attempts)
        why = ", ".join(f"{times} x {cause}" for cause, times in causes.most_common())
        yield Caveat(
            code="retried",
            message=f"{len(again)} of {len(run.samples)} calls were answered only when repeated ({why}) and are left "
            "out of the figures",
            next_step="use --interval to lower the rate; if that does not help, look at the function's log and the "
            "network",
        )


def _cause(attempt: Attempt) -> str:
    return str(attempt.status) if attempt.status is not None else _CAUSES.get(attempt.error, attempt.error)


def cold_in_warm(run: Run) -> Iterator[Caveat]:
    if where := _mislabelled(run, "warm"):
        yield Caveat(
            code="cold-in-warm",
            message=f"warm calls that met a fresh environment, left out of the warm figures: {where}",
            next_step="use at least --warmup 1; environments may also have died, or idled too long at this --interval",
        )


def warm_in_cold(run: Run) -> Iterator[Caveat]:
    if where := _mislabelled(run, "cold"):
        yield Caveat(
            code="warm-in-cold",
            message=f"forced cold starts that met a used environment, left out of the cold figures: {where}",
            next_step="stop other callers of the function, and measure again",
        )


def _mislabelled(run: Run, phase: Phase) -> str:
    wrong = Counter(
        f"{sample.engine} {sample.side}"
        for sample in samples_of(run, phase=phase)
        if isinstance(sample.outcome, Answer) and mislabelled(sample, sample.outcome)
    )
    return ", ".join(f"{count} of {place}" for place, count in wrong.items())
