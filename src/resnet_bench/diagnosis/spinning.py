"""The child that uses all the CPU time that it is given, and tells what it got; run in a sandbox by ``limiter``.

Each line of standard input holds the number of threads, and two times in seconds: one that goes by before the clocks
are read, so that a quota saved up while it waited is used up, and one that is measured. Each line of standard output is
a ``busy.Spun`` as JSON, in part. The threads hash, which leaves the interpreter's lock, and are kept, because the
kernel's account of a thread's waiting ends with it. Standard library only; a sandbox runs it without ``site``.
"""

from __future__ import annotations

import hashlib
import json
import queue
import sys
import threading
import time

# Between two looks at the clock: 20 to 100 us of work.
_BLOCK = bytes(1 << 15)
# Two looks at the clock further apart than this were interrupted.
_GAP_S = 0.001


def _spin(until_s: float) -> list[tuple[float, float]]:
    gaps = []
    before_s = time.monotonic()
    while before_s < until_s:
        hashlib.sha256(_BLOCK)
        now_s = time.monotonic()
        if now_s - before_s > _GAP_S:
            gaps.append((before_s, now_s))
        before_s = now_s
    return gaps


class _Team:
    """Threads beside the main one, made when they are first needed."""

    def __init__(self) -> None:
        self._asked: list[queue.SimpleQueue[float]] = []
        self._done: queue.SimpleQueue[None] = queue.SimpleQueue()

    def spin(self, threads: int, seconds: float) -> list[tuple[float, float]]:
        """The gaps that the main thread saw."""
        while len(self._asked) < threads - 1:
            self._asked.append(queue.SimpleQueue())
            threading.Thread(target=self._member, args=(self._asked[-1],), daemon=True).start()
        until_s = time.monotonic() + seconds
        helpers = self._asked[: threads - 1]
        for asked in helpers:
            asked.put(until_s)
        gaps = _spin(until_s)
        for _ in helpers:
            self._done.get()
        return gaps

    def _member(self, asked: queue.SimpleQueue[float]) -> None:
        while True:
            _spin(asked.get())
            self._done.put(None)


def main() -> None:
    """Runs until standard input ends."""
    team = _Team()
    for line in sys.stdin:
        threads, lead_s, seconds = line.split()
        team.spin(int(threads), float(lead_s))
        began_s, used_s = time.monotonic(), time.process_time()
        gaps = team.spin(int(threads), float(seconds))
        told = {"wall_s": time.monotonic() - began_s, "cpu_s": time.process_time() - used_s, "gaps": gaps}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
