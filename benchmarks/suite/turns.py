"""Subjects that take turns: what moves all of a round, such as another program, cancels in their ratios."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from resnet_bench.progress import Progress
from resnet_bench.units import time_left

_SEED = 0


class Turns:
    """Rounds in which each subject has its turn, in an order drawn anew each time, from a fixed seed.

    ``name`` is what progress calls them.
    """

    def __init__(self, name: str, rounds: int, progress: Progress) -> None:
        self._name = name
        self._rounds = rounds
        self._progress = progress
        self._random = random.Random(_SEED)

    def __iter__(self) -> Iterator[int]:
        """The rounds by number, each told with the time left by the pace of those before."""
        began_s = time.monotonic()
        for done in range(self._rounds):
            left = ""
            if done:
                left = f", {time_left((time.monotonic() - began_s) / done * (self._rounds - done))} left"
            self._progress.step(f"{self._name}: round {done + 1} of {self._rounds}{left}", done / self._rounds)
            yield done

    def order(self, subjects: Sequence[str]) -> list[str]:
        return self._random.sample(list(subjects), len(subjects))

    def take(self, calls: Mapping[str, Callable[[], float]], *, warmup: int = 0) -> dict[str, list[float]]:
        """What each call returned in each round, after ``warmup`` calls of each that do not count."""
        for name, call in calls.items():
            self._progress.step(f"{self._name}: warming up {name}")
            for _ in range(warmup):
                call()
        found: dict[str, list[float]] = {name: [] for name in calls}
        for _ in self:
            for name in self.order(list(calls)):
                found[name].append(calls[name]())
        return found


def timed(call: Callable[[], object]) -> Callable[[], float]:
    """``call`` as one that returns its wall time, in seconds."""

    def run() -> float:
        began_s = time.perf_counter()
        call()
        return time.perf_counter() - began_s

    return run
