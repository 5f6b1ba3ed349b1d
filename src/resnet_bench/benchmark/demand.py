"""How many CPUs a level of a load test wants of this machine, on which clients and server may stand side by side."""

from __future__ import annotations

from resnet_bench.results.levels import LoadClients, LoadLevel
from resnet_bench.results.records import Answer
from resnet_bench.results.run import Run


def client_cpus(level: LoadLevel) -> float | None:
    """CPUs that the clients' process took, on average; ``None`` where the level was not measured."""
    seen = level.clients
    return seen.cpu_s / seen.elapsed_s if isinstance(seen, LoadClients) and seen.elapsed_s else None


def side_cpus(run: Run, level: LoadLevel) -> float | None:
    """CPUs that what answers may use; ``None`` where it does not run on this machine, or never answered.

    Here each worker has so many threads, and an emulated environment its share, or its threads where nothing limits it.
    """
    busy = level.concurrency if level.workers is None else min(level.concurrency, level.workers)
    if level.side == "remote":
        if run.deployment is None or run.deployment.kind != "emulated":
            return None
        if run.deployment.cpu_share is not None:
            return busy * run.deployment.cpu_share
    threads = threads_of(run, level)
    return None if threads is None else float(busy * threads)


def threads_of(run: Run, level: LoadLevel) -> int | None:
    """Threads of each call on the level's side, as its first answer tells; ``None`` where there is none."""
    for sample in run.samples:
        if (sample.engine, sample.side) == (level.engine, level.side) and isinstance(sample.outcome, Answer):
            return sample.outcome.runtime.threads_count
    return None
