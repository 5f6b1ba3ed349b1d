"""Doubts about the clocks: contradicting each other, too coarse, or not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resnet_bench.benchmark.nested import nested
from resnet_bench.benchmark.series import STAGES, TOTAL, engines_and_sides, samples_of, series
from resnet_bench.results.records import Answer, Skipped
from resnet_bench.results.run import Caveat, Run

# The AWS::Lambda segment's start and end are each rounded to a millisecond, so its length can be up to two short.
TRACE_RESOLUTION_S = 0.002
# Fewer distinct values than this share of the samples: the clock's tick is as long as what varies.
MIN_DISTINCT = 0.5
_ENOUGH = 20
_LATE = "late"


def nesting(run: Run) -> Iterator[Caveat]:
    totals = [times for sample in run.samples if (times := nested(sample)) is not None]
    wrong = [
        times
        for times in totals
        if times.client_rest_s < 0
        or (times.network_s is not None and times.network_s < -TRACE_RESOLUTION_S)
        or (times.platform_rest_s is not None and times.platform_rest_s < -TRACE_RESOLUTION_S)
    ]
    if wrong:
        yield Caveat(
            code="nesting-violated",
            message=f"in {len(wrong)} of {len(totals)} calls an inner clock shows more time than the one around it",
            next_step="do not trust the split of these calls' time; report it with the result file",
        )


def resolution(run: Run) -> Iterator[Caveat]:
    coarse = []
    for engine, side in engines_and_sides(run):
        for measure in (TOTAL, *STAGES):
            values = series(run, engine=engine, side=side, measure=measure).values
            if len(values) >= _ENOUGH and len({*values}) < MIN_DISTINCT * len(values):
                coarse.append(f"{engine} {side} {measure}")
    if coarse:
        yield Caveat(
            code="clock-resolution",
            message=f"the clock is too coarse for: {', '.join(coarse)} (most samples have the same few values)",
            next_step="read these stages as an order of magnitude",
        )


def trace_coverage(run: Run) -> Iterator[Caveat]:
    remote = [sample for sample in samples_of(run, side="remote") if sample.phase != "warmup"]
    answered = [(sample.outcome, sample.trace) for sample in remote if isinstance(sample.outcome, Answer)]
    missing = Counter(_why(answer, trace) for answer, trace in answered if isinstance(trace, Skipped))
    if missing:
        reasons = ", ".join(f"{count} {reason}" for reason, count in missing.most_common())
        yield Caveat(
            code="trace-coverage",
            message=f"{len(answered) - missing.total()}/{len(answered)} calls traced: {reasons}",
            # Calls about a second apart can still share a second of the platform's clock.
            next_step=f"Lambda traces one request a second: use --interval {1 if run.settings.interval_s < 1 else 2}"
            + _late_advice(run, missing),
        )


def _late_advice(run: Run, missing: Counter[str]) -> str:
    """A deployed function's late traces can still be had; an emulated one's ended with it."""
    if not missing[_LATE] or run.deployment is None or run.deployment.kind == "emulated":
        return ""
    return "; late traces: resnet-bench collect FILE"


def _why(answer: Answer, trace: Skipped) -> str:
    if answer.identity.sampled is False:
        return "sampled out"
    return _LATE if trace.pending else f"without a trace ({trace.reason})"
