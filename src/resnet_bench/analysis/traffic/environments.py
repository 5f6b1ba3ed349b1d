"""Lambda's environments: which request meets a warm one, a cold one or none.

An environment answers one request at a time, is kept for a fixed time after its last, and the one used most recently is
used first. AWS promises neither the order nor the time: both are assumptions, and the time is an option. A request that
finds none idle waits for one of its own to start, even if another becomes idle before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

# "In each AWS Region, and for each function, your concurrency scaling rate is 1,000 execution environment instances
# every 10 seconds", refilled continuously, and what is not used does not accrue (Lambda developer guide, "Lambda
# scaling behavior", read in November 2026).
_BURST = 1000.0
_REFILL_PER_S = 100.0


class Served(NamedTuple):
    """Positions of the requests that started an environment, and of those that got none; all others met a warm one."""

    cold: list[int]
    throttled: list[int]


class Environments:
    """``concurrency_limit`` bounds the requests in progress, as the account's quota does.

    Times must not decrease from call to call.
    """

    def __init__(self, keep_alive_s: float, concurrency_limit: int) -> None:
        self._keep_alive_s = keep_alive_s
        self._limit = concurrency_limit
        # When each environment becomes idle, and since when the others are, the most recently used last.
        self._busy: list[float] = []
        self._idle: list[float] = []
        self._startable = _BURST
        self._refilled_s = -math.inf
        self.peak_count = 0

    def serve(self, times: Sequence[float], warm_s: Sequence[float], cold_s: Sequence[float]) -> Served:
        """``warm_s`` and ``cold_s``: for how long each request would occupy a warm environment, and a new one."""
        busy, idle, keep_alive_s = self._busy, self._idle, self._keep_alive_s
        cold: list[int] = []
        throttled: list[int] = []
        for position, time_s, occupied_s in zip(range(len(times)), times, warm_s, strict=True):
            if busy and busy[0] <= time_s:
                # The last to become idle is the one to use: it need not lie among the others meanwhile.
                last_s = heappop(busy)
                while busy and busy[0] <= time_s:
                    idle.append(last_s)
                    last_s = heappop(busy)
                if time_s - last_s <= keep_alive_s:
                    heappush(busy, time_s + occupied_s)
                    continue
            elif idle and time_s - idle[-1] <= keep_alive_s:
                idle.pop()
                heappush(busy, time_s + occupied_s)
                continue
            idle.clear()  # the last used has expired, and so have all
            if not self._starts(time_s):
                throttled.append(position)
                continue
            cold.append(position)
            heappush(busy, time_s + cold_s[position])
            # Environments become more only here, where none is idle.
            self.peak_count = max(self.peak_count, len(busy))
        return Served(cold, throttled)

    def _starts(self, time_s: float) -> bool:
        """Whether one more environment may be started now; if so, it counts against the scaling rate."""
        refilled = (time_s - self._refilled_s) * _REFILL_PER_S
        self._startable = min(_BURST, self._startable + refilled)
        self._refilled_s = time_s
        if len(self._busy) >= self._limit or self._startable < 1:
            return False
        self._startable -= 1
        return True
