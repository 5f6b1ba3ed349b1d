"""CPU bandwidth by the kernel's rule, as plain arithmetic: so much CPU time in each period, unused time expires.

What was used beyond the quota is carried as a debt into the following periods, so that the mean holds however
late the overuse was noticed; time that passes idle or frozen pays the debt off. Same rule as CFS bandwidth control
(kernel documentation, scheduler/sched-bwc), whose periods also go on while nothing runs. Standard library only.
"""

from __future__ import annotations

# Looking more often than this costs more CPU time than the precision is worth.
MIN_LOOK_S = 0.0003


class Budget:
    """``quota_s`` of CPU time in each ``period_s`` of wall time; times are monotonic, in seconds."""

    def __init__(self, quota_s: float, period_s: float, now_s: float) -> None:
        self.quota_s, self.period_s = quota_s, period_s
        self.balance_s = quota_s
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
        """Seconds until the balance may change sign: by a refill, or by use of one CPU more than just now."""
        to_refill_s = self._refill_s - now_s
        if self.exhausted:
            periods = int(-self.balance_s / self.quota_s)
            return max(MIN_LOOK_S, to_refill_s + periods * self.period_s)
        pace = min(cpus_count, self._busy_cpus + 1)
        return max(MIN_LOOK_S, min(to_refill_s, self.balance_s / pace))
