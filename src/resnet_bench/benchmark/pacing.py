"""When to start the next block, and how long the rest will take."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from resnet_bench.results.records import Phase


def next_slot(previous: int, elapsed_s: float, interval_s: float) -> int:
    """The grid slot of the next start, ``elapsed_s`` after slot 0 started; slot k starts at k x ``interval_s``.

    Starts never bunch up to make good a delay: a slot whose time has passed is skipped, and the next one that lies
    ahead is taken. A slot that is due this very moment counts as ahead.
    """
    return max(previous + 1, math.ceil(elapsed_s / interval_s))


@dataclass
class Pacer:
    """Holds starts to a fixed grid that begins with the first one; without an interval it never waits.

    ``clock`` (monotonic seconds) and ``sleep`` are replaced in tests, ``sleep`` also by whoever shows the waiting.
    """

    interval_s: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    skipped_count: int = field(default=0, init=False)
    _first_s: float | None = field(default=None, init=False)
    _slot: int = field(default=0, init=False)

    def wait(self) -> None:
        """Return when the next block may start."""
        if self.interval_s <= 0:
            return
        if self._first_s is None:
            self._first_s = self.clock()
            return
        slot = next_slot(self._slot, self.clock() - self._first_s, self.interval_s)
        self.skipped_count += slot - self._slot - 1
        self._slot = slot
        start_s = self._first_s + slot * self.interval_s
        while (left := start_s - self.clock()) > 0:
            self.sleep(left)


class TimeLeft:
    """Estimates the time that the rest takes, from the median duration of the blocks done so far.

    Phases are kept apart, because a cold block takes many times as long as a warm one; a phase that has not begun is
    taken to be like the quickest block so far, since the first ones pay for starting everything.
    """

    def __init__(self, phases: Iterable[Phase], interval_s: float = 0.0) -> None:
        """``phases`` is the phase of every block of the schedule."""
        self._left = Counter(phases)
        self._interval_s = interval_s
        self._done: dict[Phase, list[float]] = {}

    def done(self, phase: Phase, duration_s: float) -> None:
        """A block took ``duration_s``, without waiting for its start."""
        self._left[phase] -= 1
        self._done.setdefault(phase, []).append(duration_s)

    def seconds(self) -> float | None:
        """From the end of the block just done; ``None`` as long as only the start has been seen."""
        overall = [duration for durations in self._done.values() for duration in durations]
        if not overall or (len(overall) == 1 and "warm" not in self._done):
            return None
        quickest = [min(overall)]
        return sum(
            count * self._period(phase, median(self._done.get(phase, quickest))) for phase, count in self._left.items()
        )

    def _period(self, phase: Phase, duration_s: float) -> float:
        """From one start to the next: whole slots of the grid for warm blocks; the others do not wait for it."""
        if self._interval_s <= 0 or phase != "warm":
            return duration_s
        return max(1, math.ceil(duration_s / self._interval_s)) * self._interval_s
