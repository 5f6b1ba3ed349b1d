"""A first-come-first-served queue in front of workers, each of which serves one request at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush, heapreplace


class Queue:
    """Times must not decrease from call to call. A request that would wait longer than ``max_wait_s`` is refused."""

    def __init__(self, workers: int, max_wait_s: float) -> None:
        # When each worker has done all that it was given, the first of them first.
        self._free_s = [0.0] * workers
        self._max_wait_s = max_wait_s

    @property
    def workers(self) -> int:
        return len(self._free_s)

    def serve(self, times: Iterable[float], services_s: Sequence[float]) -> list[float]:
        """For how long each request waits; infinite: refused."""
        free_s, max_wait_s = self._free_s, self._max_wait_s
        waits: list[float] = []
        for time_s, service_s in zip(times, services_s, strict=True):
            wait_s = free_s[0] - time_s
            if wait_s <= 0:
                waits.append(0.0)
                heapreplace(free_s, time_s + service_s)
            elif wait_s <= max_wait_s:
                waits.append(wait_s)
                heapreplace(free_s, free_s[0] + service_s)
            else:
                waits.append(math.inf)
        return waits

    def backlog_s(self, time_s: float) -> float:
        """The work that is given out and not done yet, of all workers."""
        return sum(free_s - time_s for free_s in self._free_s if free_s > time_s)

    def add(self, workers: int, ready_s: float) -> None:
        """Workers that serve from ``ready_s`` on.

        Requests that wait already keep their worker. Nothing is lost by that if a server takes longer to start than
        anybody waits.
        """
        for _ in range(workers):
            heappush(self._free_s, ready_s)

    def remove(self, workers: int) -> None:
        """Those that are done first: what was given out is finished."""
        for _ in range(workers):
            heappop(self._free_s)
