"""How many threads suit a side."""

from __future__ import annotations

import math
import os


def auto_threads(side_share: float | None) -> int:
    """Threads for ``--threads auto``: every CPU that this process may run on, or what a CPU share pays for.

    ``side_share`` is in vCPUs, ``None`` where CPU time is not limited. More threads than the share pays for only
    wait for each other at the quota; but most of a CPU is worth one. Measured, two threads against one: on a share of
    0.58 twice the latency, on 1.30 as long, on 1.70 two thirds.
    """
    cpus = len(os.sched_getaffinity(0))
    return cpus if side_share is None else max(1, min(cpus, math.floor(side_share + 0.5)))
