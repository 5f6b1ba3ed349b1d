"""When to start the next block, and how long the rest will take."""

from __future__ import annotations

import math
import time
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from resnet_bench.results.records import Phase

# What decides how long a block takes: its phase, and the variant that it measures ("" where all are alike).
Kind = tuple[Phase, str]


def next_slot(previous: int, elapsed_s: float, interval_s: float) -> int:
    """The grid slot of the next start, ``elapsed_s`` after slot 0 started; slot k starts at k x ``interval_s``.

    Starts never bunch up to make good a delay: a slot whose time has passed is skipped, and the next one that lies
    ahead is taken. A slot that is due this very moment counts as ahead.
    """
    return max(previous + 1, math.ceil(elapsed_s / interval_s))


@dataclass
class Pacer:
    """Holds starts to a fixed grid that begins with the first one; without an interval it never waits.

    With ``since_s`` it goes on with a grid that began so many seconds before this was made, or that much after it where
    the wall clock has been set back: the first start waits for a slot, too, and those that passed until then were not
    skipped.
    ``clock`` (monotonic seconds) and ``sleep`` are replaced in tests, ``sleep`` also by whoever shows the waiting.
    """

    interval_s: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    since_s: float | None = None
    skipped_count: int = field(default=0, init=False)
    _first_s: float | None = field(default=None, init=False)
    _slot: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._made_s = self.clock()

    def wait(self) -> None:
        """Return when the next block may start."""
        if self.interval_s <= 0:
            return
        if self._first_s is None:
            self._first_s = self.clock()
            if self.since_s is None:
                return
            # Warm-ups were made meanwhile.
            self._first_s -= (self.since_s + self._first_s - self._made_s) % self.interval_s
        slot = next_slot(self._slot, self.clock() - self._first_s, self.interval_s)
        self.skipped_count += slot - self._slot - 1
        self._slot = slot
        start_s = self._first_s + slot * self.interval_s
        while (left := start_s - self.clock()) > 0:
            self.sleep(left)


class TimeLeft:
    """Estimates the time that the rest takes, from the median duration of the blocks done so far.

    Kinds are kept apart, because a cold block takes many times as long as a warm one, and a small memory size many
    times as long as a large one. A kind that has not begun is taken to be like the other variants of its phase; a phase
    that has not, like the quickest block so far, since the first ones pay for starting everything.
    """

    def __init__(self, kinds: Iterable[Kind], interval_s: float = 0.0) -> None:
        """``kinds`` has the phase and the variant of every block of the schedule."""
        self._left = Counter(kinds)
        self._interval_s = interval_s
        # Sorted as they come: to sort them all at each block would make a long run quadratic.
        self._of_kind: dict[Kind, list[float]] = {}
        self._of_phase: dict[Phase, list[float]] = {}

    def done(self, kind: Kind, duration_s: float) -> None:
        """A block took ``duration_s``, without waiting for its start."""
        self.skip(kind)
        insort(self._of_kind.setdefault(kind, []), duration_s)
        insort(self._of_phase.setdefault(kind[0], []), duration_s)

    def skip(self, kind: Kind) -> None:
        """A block is not made."""
        self._left[kind] -= 1

    def seconds(self) -> float | None:
        """From the end of the block just done; ``None`` as long as only the start has been seen."""
        done_count = sum(map(len, self._of_phase.values()))
        if not done_count or (done_count == 1 and "warm" not in self._of_phase):
            return None
        quickest = [min(durations[0] for durations in self._of_phase.values())]
        return sum(
            count * self._period(kind[0], _middle(self._of_kind.get(kind) or self._of_phase.get(kind[0]) or quickest))
            for kind, count in self._left.items()
        )

    def _period(self, phase: Phase, duration_s: float) -> float:
        """From one start to the next: whole slots of the grid for warm blocks; the others do not wait for it."""
        if self._interval_s <= 0 or phase != "warm":
            return duration_s
        return max(1, math.ceil(duration_s / self._interval_s)) * self._interval_s


def _middle(ordered: Sequence[float]) -> float:
    """The median of what is sorted already."""
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
