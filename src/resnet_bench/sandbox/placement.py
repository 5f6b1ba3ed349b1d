"""Which CPUs a sandbox runs on: those that the fewest other sandboxes of this process use.

Sandboxes that run one after another get the same CPUs (on machines with fast and slow cores that keeps
figures comparable); sandboxes that run at once are spread, as Lambda spreads its environments.
"""

from __future__ import annotations

import os
import threading
from collections import Counter

_lock = threading.Lock()
_in_use: Counter[int] = Counter()


def take_cpus(count: int) -> tuple[int, ...]:
    """At most ``count`` CPUs of those that this process may use; give them back with ``give_back_cpus``."""
    with _lock:
        allowed = os.sched_getaffinity(0)
        chosen = tuple(sorted(sorted(allowed, key=lambda cpu: (_in_use[cpu], cpu))[:count]))
        _in_use.update(chosen)
    return chosen


def give_back_cpus(cpus: tuple[int, ...]) -> None:
    with _lock:
        _in_use.subtract(cpus)
