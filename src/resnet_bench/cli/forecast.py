"""Before the measured calls: a word on how many of them X-Ray will trace, judged by the pace of the warm-ups."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

from resnet_bench.benchmark.measure import Step
from resnet_bench.benchmark.sampling import thin_sampling
from resnet_bench.benchmark.stats import median


class TraceForecast:
    """Hears of every step; says once, through ``note``, that the calls to come are too fast to be all traced.

    Without an interval the pace is that of the warm-ups; without those either, nothing is known and nothing said.
    """

    def __init__(
        self,
        note: Callable[[str], None],
        *,
        calls_count: int,
        interval_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._note = note
        self._calls_count = calls_count
        self._interval_s = interval_s
        self._clock = clock
        self._began_s: dict[int, float] = {}
        self._told = False

    def hear(self, step: Step) -> None:
        if step.phase == "cold" or self._told:
            return
        self._began_s.setdefault(step.number, self._clock())
        if step.phase == "warm":
            self._told = True
            period_s = self._interval_s or self._pace_s()
            text = None if period_s is None else thin_sampling(self._calls_count, period_s)
            if text is not None:
                self._note(text)

    def _pace_s(self) -> float | None:
        numbers = sorted(self._began_s)
        gaps = [self._began_s[b] - self._began_s[a] for a, b in pairwise(numbers) if b == a + 1]
        return median(gaps) if gaps else None
