"""A clock that no test has to wait for."""

from __future__ import annotations


class FalseClock:
    """Monotonic seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
