"""What a simulation counts, by batch: sums under a name, and latencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from resnet_bench.analysis.traffic.arrivals import BATCHES, Chunk, Flags, Floats
from resnet_bench.analysis.traffic.latencies import Estimate, Latencies, estimate


class Tally:
    """``simulated_count`` is of requests as they were simulated, all else as what they stand for."""

    def __init__(self) -> None:
        self.simulated_count = 0
        self._latencies = Latencies()
        self._sums: dict[str, Floats] = defaultdict(lambda: np.zeros(BATCHES))

    def add(self, chunk: Chunk, latencies: Floats, sums: Mapping[str, Floats | Flags]) -> None:
        """``latencies`` are NaN without an answer; ``sums`` have a value a request. Warm-ups do not count."""
        if chunk.weight == 0:
            return
        self.simulated_count += len(chunk.times)
        self._sums["requests"] += chunk.weight * np.bincount(chunk.batches, minlength=BATCHES)
        for name, values in sums.items():
            self._sums[name] += chunk.weight * np.bincount(chunk.batches, values, minlength=BATCHES)
        answered = ~np.isnan(latencies)
        self._latencies.add(latencies[answered], chunk.batches[answered], chunk.weight)

    def total(self, name: str) -> float:
        return float(self._sums[name].sum())

    def ratio(self, name: str, over: str) -> Estimate:
        """One sum over another: a share, a mean. NaN over nothing."""
        above, below = self._sums[name], self._sums[over]
        with np.errstate(invalid="ignore", divide="ignore"):
            return estimate(float(above.sum() / below.sum()), above / below)

    def percentile(self, percent: float, *, refused: str | None = None) -> Estimate:
        """Of the requests that were answered; with the name of a sum that counts refusals, of all."""
        never = np.zeros(BATCHES) if refused is None else self._sums[refused]
        return self._latencies.percentile(percent, never)
