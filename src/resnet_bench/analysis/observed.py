"""How long calls take and are paid for, by the best observer that saw them; nothing here needs both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from resnet_bench.benchmark.picks import Pick
from resnet_bench.benchmark.starts import Read
from resnet_bench.results.records import Answer, ClientTimes, ReportLine, Sample, TraceTimes
from resnet_bench.results.run import Run

# Lambda bills whole milliseconds, rounded up. What a float leaves beyond one (0.2 s is 200.00000000000003 ms) is none.
_ROUNDING_MS = 1e-6


@dataclass(frozen=True)
class Known:
    """``observer`` is who measured ``values``, in words; ``values[i]`` is of call ``pairs[i]`` on ``images[i]``."""

    values: tuple[float, ...] = ()
    images: tuple[str, ...] = ()
    pairs: tuple[int, ...] = ()
    observer: str = ""


def first_known(picks: tuple[Pick, ...], sources: dict[str, Read]) -> Known:
    """By the first of the sources that knows at least half of the calls; which one is the observer."""
    for observer, read in sources.items():
        found = [(value, sample) for sample, answer in picks if (value := read(sample, answer)) is not None]
        if found and 2 * len(found) >= len(picks):
            of = "" if len(found) == len(picks) else f" ({len(found)} of {len(picks)} calls)"
            return Known(
                values=tuple(value for value, _ in found),
                images=tuple(sample.image for _, sample in found),
                pairs=tuple(sample.pair for _, sample in found),
                observer=observer + of,
            )
    return Known()


def client_total(sample: Sample, _answer: Answer) -> float | None:
    """What the caller waited for."""
    return sample.client.total_s if isinstance(sample.client, ClientTimes) else None


def _duration(sample: Sample, _answer: Answer) -> float | None:
    return sample.report.duration_s if isinstance(sample.report, ReportLine) else None


def _billed(sample: Sample, _answer: Answer) -> float | None:
    return sample.report.billed_s if isinstance(sample.report, ReportLine) else None


def _invocation(sample: Sample, _answer: Answer) -> float | None:
    return sample.trace.invocation_s if isinstance(sample.trace, TraceTimes) else None


def _traced_start(sample: Sample, _answer: Answer) -> float | None:
    if not isinstance(sample.trace, TraceTimes) or sample.trace.initialization_s is None:
        return None
    return sample.trace.initialization_s + sample.trace.invocation_s


def _handler(_sample: Sample, answer: Answer) -> float:
    return answer.stages.total_s


def _handler_start(_sample: Sample, answer: Answer) -> float | None:
    """Initialisation and first call as the process itself saw them."""
    return math.fsum(_start_parts(answer)) if answer.cold is not None else None


def _start_parts(answer: Answer) -> Iterator[float]:
    yield answer.stages.total_s
    if (cold := answer.cold) is not None:
        yield from (part for part in (cold.interpreter_s, cold.imports_s, cold.weights_s, cold.engine_s) if part)


def _rounded_up(read: Read) -> Read:
    def billed(sample: Sample, answer: Answer) -> float | None:
        seconds = read(sample, answer)
        return None if seconds is None else math.ceil(seconds * 1000 - _ROUNDING_MS) / 1000

    return billed


# The best observer first. Only Lambda's own REPORT line says what is billed; the others are lower bounds of it.
BUSY: dict[str, Read] = {
    "duration in Lambda's REPORT lines": _duration,
    "invocation in the X-Ray traces": _invocation,
    "the handler's own total, without the runtime around it": _handler,
}
BILLED: dict[str, Read] = {
    "billed time in Lambda's REPORT lines": _billed,
    "invocation in the X-Ray traces, rounded up to 1 ms": _rounded_up(_invocation),
    "the handler's own total, rounded up to 1 ms": _rounded_up(_handler),
}
BILLED_COLD: dict[str, Read] = {
    "billed time in Lambda's REPORT lines": _billed,
    "initialization and invocation in the X-Ray traces, rounded up to 1 ms": _rounded_up(_traced_start),
    "the handler's own start and total, rounded up to 1 ms": _rounded_up(_handler_start),
}


_ARCHITECTURES = ("x86_64", "arm64")


def architecture(run: Run) -> str:
    """Lambda's word for the function's processor. An emulated Lambda runs on this machine's own processor."""
    deployment = run.deployment
    if deployment is not None and deployment.architecture in _ARCHITECTURES:
        return deployment.architecture
    emulated = deployment is not None and deployment.kind == "emulated"
    return "arm64" if emulated and run.environment.os.endswith("aarch64") else "x86_64"
