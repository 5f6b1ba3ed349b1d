"""What happens to a run from outside: it is stopped for a while (Ctrl-Z and fg), or the clock of the day is set."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from resnet_bench.units import time_left

if TYPE_CHECKING:
    from resnet_bench.results.run import Caveat

# Slower corrections (NTP's) are none that anybody would notice.
_STEP_S = 2.0
_continued_count = 0


def watch() -> None:
    """Hear of it when this program goes on after it was stopped."""
    signal.signal(signal.SIGCONT, _count)


def _count(_number: int, _frame: FrameType | None) -> None:
    global _continued_count  # noqa: PLW0603 - a signal's handler has nowhere else to put it
    _continued_count += 1


def _day_clock_ahead_s() -> float:
    return time.time() - time.monotonic()


@dataclass(frozen=True)
class Disturbances:
    """Those since it was made."""

    _continued_before: int = field(default_factory=lambda: _continued_count)
    _ahead_before_s: float = field(default_factory=_day_clock_ahead_s)

    def doubts(self) -> Iterator[Caveat]:
        from resnet_bench.results.run import Caveat  # every command watches, --help too, which needs no records

        count = _continued_count - self._continued_before
        if count:
            often = "once" if count == 1 else f"{count} times"
            yield Caveat(
                code="stopped",
                message=f"the run was stopped and went on {often}: a call under way then has the pause in its time",
                next_step="measure again, and leave it alone",
            )
        step_s = _day_clock_ahead_s() - self._ahead_before_s
        if abs(step_s) >= _STEP_S:
            yield Caveat(
                code="clock-stepped",
                message=f"this machine's clock went {'forwards' if step_s > 0 else 'backwards'} by "
                f"{time_left(abs(step_s))} during the run (set, or asleep): times of day are not in order; durations, "
                "which another clock tells, are true",
                next_step="synchronise the clock before measuring",
            )
