"""One engine of one run as cost, traffic and verdict need it: how long calls take, and how long they are paid for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from resnet_bench.analysis.observed import BILLED, BILLED_COLD, BUSY, architecture, client_total, first_known
from resnet_bench.benchmark.picks import Pick, counted, engines, values
from resnet_bench.benchmark.series import paired
from resnet_bench.benchmark.starts import to_first_answer
from resnet_bench.benchmark.surcharge import surcharges
from resnet_bench.errors import ResultError
from resnet_bench.prices.costs import api_units
from resnet_bench.results.records import ClientTimes
from resnet_bench.results.run import Run
from resnet_bench.units import MIB

_COMPARE = "measure both sides first: resnet-bench compare IMAGE"


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

    # Kept, because a break-even is sought at hundreds of rates that all ask for the same means.

    @cached_property
    def local_mean_s(self) -> float:
        return fmean(self.local_s)

    @cached_property
    def billed_warm_mean_s(self) -> float:
        return fmean(self.billed_warm_s)

    @cached_property
    def billed_cold_mean_s(self) -> float:
        return fmean(self.billed_cold_s)

    @cached_property
    def api_units_mean(self) -> float:
        """Requests that the HTTP API counts for one call."""
        return fmean(map(api_units, self.upload_bytes))


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
    busy = first_known(warm, BUSY)
    billed_warm, billed_cold = first_known(warm, BILLED), first_known(cold, BILLED_COLD)
    return Workload(
        engine=engine,
        memory_mb=_memory_mb(run, warm),
        architecture=architecture(run),
        trained=facts.trained,
        emulated=run.deployment is not None and run.deployment.kind == "emulated",
        local_s=values(here, lambda _, answer: answer.stages.total_s),
        local_threads=facts.threads_count,
        local_cpus=run.environment.cpus_count,
        local_start_s=values(counted(run, engine=engine, side="local", phase="cold"), to_first_answer),
        remote_s=values(warm, client_total),
        busy_s=busy.values,
        busy_observer=busy.observer,
        billed_warm_s=billed_warm.values,
        billed_images=billed_warm.images,
        billed_cold_s=billed_cold.values,
        billed_observer=_both(billed_warm.observer, billed_cold.observer),
        cold_s=values(cold, client_total),
        cold_extra_s=surcharges(run, engine),
        upload_bytes=tuple(sample.client.sent_bytes for sample, _ in warm if isinstance(sample.client, ClientTimes)),
    )


def _both(warm: str, cold: str) -> str:
    return warm if cold in {"", warm} else f"{warm}; of cold starts: {cold}"


def _memory_mb(run: Run, warm: tuple[Pick, ...]) -> int | None:
    """The deployment's, else what the function said of itself."""
    told = run.deployment.memory_bytes if run.deployment is not None else None
    limit = told if told is not None else warm[0][1].memory.limit_bytes
    return None if limit is None else limit // MIB
