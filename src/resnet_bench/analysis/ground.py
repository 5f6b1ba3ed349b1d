"""What a run must be before anything is chosen or paid for by it."""

from __future__ import annotations

from resnet_bench.benchmark.agreement import agreement
from resnet_bench.errors import ResultError
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
