"""One engine of one run as cost, traffic and verdict need it: how long calls take, and how long they are paid for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from resnet_bench.benchmark.picks import Pick, counted, engines, values
from resnet_bench.benchmark.series import paired
from resnet_bench.benchmark.starts import Read, to_first_answer
from resnet_bench.benchmark.surcharge import surcharges
from resnet_bench.errors import ResultError
from resnet_bench.results.records import Answer, ClientTimes, ReportLine, Sample, TraceTimes
from resnet_bench.results.run import Run
from resnet_bench.units import MIB

_COMPARE = "measure both sides first: resnet-bench compare IMAGE"
# Lambda bills whole milliseconds, rounded up. What a float leaves beyond one (0.2 s is 200.00000000000003 ms) is none.
_ROUNDING_MS = 1e-6


@dataclass(frozen=True)
class Workload:
    """Seconds and bytes; every tuple holds raw measured values of calls that count, in the order measured.

    ``memory_mb`` is ``None`` where neither the deployment nor the function told it. ``architecture`` is Lambda's word
    for the function's processor, ``x86_64`` where nothing told it.
    """

    engine: str
    memory_mb: int | None
    architecture: str
    trained: bool
    emulated: bool
    local_s: tuple[float, ...]  # warm totals here, by the worker's clock
    local_threads: int  # that a local call used
    local_cpus: int  # of this machine
    local_start_s: tuple[float, ...]  # from a process's start to its first answer
    remote_s: tuple[float, ...]  # warm totals, by the client's clock
    busy_s: tuple[float, ...]  # how long a warm call occupies an environment
    busy_observer: str  # who measured that
    billed_warm_s: tuple[float, ...]
    billed_images: tuple[str, ...]  # of each of ``billed_warm_s``: images differ, and intervals are taken within them
    billed_cold_s: tuple[float, ...]  # with initialisation, which images pay for
    billed_observer: str
    cold_s: tuple[float, ...]  # cold totals, by the client's clock
    cold_extra_s: tuple[float, ...]  # beyond the same image's warm median
    upload_bytes: tuple[int, ...]  # of each warm request as it was sent


def workloads(run: Run) -> tuple[Workload, ...]:
    """One for each engine that both sides answered with, in the order in which they were first called.

    Raises:
        ResultError: the result has no Lambda side, no call that it answered, or no pair of warm calls.
    """
    if run.deployment is None:
        raise ResultError("this result has no Lambda side", _COMPARE)
    if not any(counted(run, engine=engine, side="remote", phase="warm") for engine in engines(run)):
        raise ResultError("this result has no warm call that Lambda answered", _COMPARE)
    found = tuple(_workload(run, engine) for engine in engines(run) if paired(run, engine=engine).local)
    if not found:
        raise ResultError("this result has no pair of warm calls, one here and one on Lambda", _COMPARE)
    return found


def require_cold(workload: Workload) -> None:
    """
    Raises:
        ResultError: no cold start on Lambda was measured.
    """
    if not (workload.cold_s and workload.billed_cold_s):
        raise ResultError(
            f"this result has no cold start of {workload.engine} on Lambda",
            "measure some first: resnet-bench compare IMAGE --cold 5",
        )


def _workload(run: Run, engine: str) -> Workload:
    here = counted(run, engine=engine, side="local", phase="warm")
    warm = counted(run, engine=engine, side="remote", phase="warm")
    cold = counted(run, engine=engine, side="remote", phase="cold")
    facts = here[0][1].runtime
    busy = _first_known(warm, _BUSY)
    billed_warm, billed_cold = _first_known(warm, _BILLED), _first_known(cold, _BILLED_COLD)
    return Workload(
        engine=engine,
        memory_mb=_memory_mb(run, warm),
        architecture=_architecture(run),
        trained=facts.trained,
        emulated=run.deployment is not None and run.deployment.kind == "emulated",
        local_s=values(here, lambda _, answer: answer.stages.total_s),
        local_threads=facts.threads_count,
        local_cpus=run.environment.cpus_count,
        local_start_s=values(counted(run, engine=engine, side="local", phase="cold"), to_first_answer),
        remote_s=values(warm, _client_total),
        busy_s=busy.values,
        busy_observer=busy.observer,
        billed_warm_s=billed_warm.values,
        billed_images=billed_warm.images,
        billed_cold_s=billed_cold.values,
        billed_observer=_both(billed_warm.observer, billed_cold.observer),
        cold_s=values(cold, _client_total),
        cold_extra_s=surcharges(run, engine),
        upload_bytes=tuple(sample.client.sent_bytes for sample, _ in warm if isinstance(sample.client, ClientTimes)),
    )


@dataclass(frozen=True)
class _Known:
    values: tuple[float, ...] = ()
    images: tuple[str, ...] = ()
    observer: str = ""


def _first_known(picks: tuple[Pick, ...], sources: dict[str, Read]) -> _Known:
    """By the first of the sources that knows at least half of the calls; which one is the observer."""
    for observer, read in sources.items():
        found = [(value, sample.image) for sample, answer in picks if (value := read(sample, answer)) is not None]
        if found and 2 * len(found) >= len(picks):
            of = "" if len(found) == len(picks) else f" ({len(found)} of {len(picks)} calls)"
            return _Known(tuple(value for value, _ in found), tuple(image for _, image in found), observer + of)
    return _Known()


def _both(warm: str, cold: str) -> str:
    return warm if cold in {"", warm} else f"{warm}; of cold starts: {cold}"


def _client_total(sample: Sample, _answer: Answer) -> float | None:
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
_BUSY: dict[str, Read] = {
    "duration in Lambda's REPORT lines": _duration,
    "invocation in the X-Ray traces": _invocation,
    "the handler's own total, without the runtime around it": _handler,
}
_BILLED: dict[str, Read] = {
    "billed time in Lambda's REPORT lines": _billed,
    "invocation in the X-Ray traces, rounded up to 1 ms": _rounded_up(_invocation),
    "the handler's own total, rounded up to 1 ms": _rounded_up(_handler),
}
_BILLED_COLD: dict[str, Read] = {
    "billed time in Lambda's REPORT lines": _billed,
    "initialization and invocation in the X-Ray traces, rounded up to 1 ms": _rounded_up(_traced_start),
    "the handler's own start and total, rounded up to 1 ms": _rounded_up(_handler_start),
}


def _memory_mb(run: Run, warm: tuple[Pick, ...]) -> int | None:
    """The deployment's, else what the function said of itself."""
    told = run.deployment.memory_bytes if run.deployment is not None else None
    limit = told if told is not None else warm[0][1].memory.limit_bytes
    return None if limit is None else limit // MIB


def _architecture(run: Run) -> str:
    """An emulated Lambda runs on this machine's own processor."""
    deployment = run.deployment
    if deployment is not None and deployment.architecture is not None:
        return deployment.architecture
    emulated = deployment is not None and deployment.kind == "emulated"
    return "arm64" if emulated and run.environment.os.endswith("aarch64") else "x86_64"
