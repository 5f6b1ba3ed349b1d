"""What a run must be before anything is chosen or paid for by it."""

from __future__ import annotations

from collections.abc import Collection

from resnet_bench.analysis.workload import Workload, require_cold, workloads
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.errors import ResultError, UsageError
from resnet_bench.results.run import Run


def require_ground(run: Run) -> None:
    """Where the two sides do not answer alike, or the Lambda is held to nothing, no price makes up for it.

    Raises:
        ResultError: that is so.
    """
    if agreement(run):
        raise ResultError("the two sides classify differently", "run the same weights and versions on both")
    if run.deployment is not None and not run.deployment.enforcement.cpu_limited and run.deployment.kind == "emulated":
        raise ResultError(
            "the emulated Lambda's CPU was not limited, so that its times are not Lambda's",
            "measure where a limit can be had (--limiter throttle needs nothing), or with --stack",
        )


def to_be_priced(run: Run, engines: Collection[str] = ()) -> tuple[Workload, ...]:
    """Those of ``engines``, of all if none is named.

    Raises:
        UsageError: the result has no such engine on both sides.
        ResultError: it is no ground, not of two sides, or without cold starts.
    """
    require_ground(run)
    found = workloads(run)
    known = [one.engine for one in found]
    for name in engines:
        if name not in known:
            raise UsageError(f"the result has no engine {name!r} on both sides", f"it has {', '.join(known)}")
    wanted = tuple(one for one in found if not engines or one.engine in engines)
    for one in wanted:
        require_cold(one)
    return wanted
