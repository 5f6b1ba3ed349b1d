"""The platform's own clock: how many calls it traced, what it says, and what lies outside and inside of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resnet_bench.benchmark.nested import Nested, nested
from resnet_bench.benchmark.picks import counted, engines
from resnet_bench.benchmark.series import samples_of, series
from resnet_bench.benchmark.stats import median
from resnet_bench.report.captions import captions
from resnet_bench.report.names import PHASES
from resnet_bench.report.rows import Column, Row, Table
from resnet_bench.results.records import Answer, Phase, Sample, TraceTimes
from resnet_bench.results.run import Run

_PARTS = ("provisioning", "initialization", "invocation", "overhead", "total")
COLUMNS = (
    Column("phase", "median of"),
    Column("traced", "traced"),
    Column("provisioning", "provision", "seconds"),
    Column("initialization", "init", "seconds"),
    Column("invocation", "invoke", "seconds"),
    Column("overhead", "overhead", "seconds"),
    Column("total", "total", "seconds"),
    Column("outside", "outside", "seconds"),
    Column("inside", "inside", "seconds"),
)
_PHASES: tuple[Phase, Phase] = ("warm", "cold")


def traces(run: Run) -> Table | None:
    """``None`` if no remote call was answered."""
    rows = tuple(row for engine in engines(run) for row in _rows(run, engine))
    if not rows:
        return None
    return Table(
        name="traces",
        title="X-Ray traces",
        columns=COLUMNS,
        rows=rows,
        captions=captions(run),
        notes=(
            *coverage(run),
            *_origin(run),
            "outside: client less platform (network). inside: platform less handler.",
        ),
    )


def coverage(run: Run) -> tuple[str, ...]:
    """How many of the answered calls were traced, and why the others were not; nothing to say if all were."""
    answered = [
        (sample, sample.outcome)
        for sample in samples_of(run, side="remote")
        if sample.phase != "warmup" and isinstance(sample.outcome, Answer)
    ]
    reasons = Counter(_why(sample, answer) for sample, answer in answered)
    traced = reasons.pop("", 0)
    if not reasons:
        return ()
    why = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return (f"{traced}/{len(answered)} calls traced, {why}",)


def _origin(run: Run) -> tuple[str, ...]:
    """That some came another way than X-Ray's own."""
    sources = [sample.trace.source for sample in run.samples if isinstance(sample.trace, TraceTimes)]
    if "logs" not in sources:
        return ()
    return (f"{sources.count('logs')} of {len(sources)} traces were in CloudWatch Logs (Transaction Search).",)


def _why(sample: Sample, answer: Answer) -> str:
    if isinstance(sample.trace, TraceTimes):
        return ""
    return "sampled out by X-Ray" if answer.identity.sampled is False else f"not available: {sample.trace.reason}"


def _rows(run: Run, engine: str) -> Iterator[Row]:
    for phase in _PHASES:
        picks = counted(run, engine=engine, side="remote", phase=phase)
        if not picks:
            continue
        whole = [times for sample, _ in picks if (times := nested(sample)) is not None]
        traced = sum(isinstance(sample.trace, TraceTimes) for sample, _ in picks)
        parts = (
            series(run, engine=engine, side="remote", measure=f"trace.{part}", phase=phase).values for part in _PARTS
        )
        yield Row(
            (
                PHASES[phase],
                f"{traced}/{len(picks)}",
                *(median(numbers) if numbers else None for numbers in parts),
                _rest(whole, "network_s"),
                _rest(whole, "platform_rest_s"),
            ),
            engine,
        )


def _rest(whole: list[Nested], name: str) -> float | None:
    numbers: list[float] = [value for times in whole if (value := getattr(times, name)) is not None]
    return median(numbers) if numbers else None
