"""Mechanisms that hold a sandbox to its limits, best first, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable

from resnet_bench.errors import SandboxError, UsageError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.cgroup_v1 import CgroupV1
from resnet_bench.sandbox.limits.cgroup_v2 import CgroupV2
from resnet_bench.sandbox.limits.systemd import Systemd
from resnet_bench.sandbox.limits.throttle import Throttle
from resnet_bench.sandbox.limits.unlimited import Unlimited

# Best first: the kernel's own limits, then those that need a helper, then none.
LIMITERS: dict[str, Callable[[], Limiter]] = {
    "cgroup-v2": CgroupV2,
    "cgroup-v1": CgroupV1,
    "systemd": Systemd,
    "throttle": Throttle,
    "none": Unlimited,
}


def choose(name: str = "auto") -> tuple[Limiter, dict[str, Skipped]]:
    """The limiter of that name, or with ``auto`` the best that works here; and why better ones do not.

    Raises:
        UsageError: no limiter has that name.
        SandboxError: the named limiter cannot be used here.
    """
    if name != "auto" and name not in LIMITERS:
        raise UsageError(f"unknown limiter: {name}", f"one of: auto, {', '.join(LIMITERS)}")
    skipped: dict[str, Skipped] = {}
    for candidate in LIMITERS if name == "auto" else [name]:
        limiter = LIMITERS[candidate]()
        reason = limiter.unavailable()
        if reason is None:
            return limiter, skipped
        skipped[candidate] = reason
    raise SandboxError(
        f"the limiter {name} cannot be used here: {skipped[name].reason}", "leave it out: --limiter auto"
    )
