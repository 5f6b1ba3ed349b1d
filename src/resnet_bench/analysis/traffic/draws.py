"""Drawing calls from those that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resnet_bench.analysis.traffic.arrivals import Floats


@dataclass(frozen=True)
class Measured:
    """Measured values, sorted. Each is drawn as likely as any other: nothing between or beyond them is made up."""

    values: Floats

    @classmethod
    def of(cls, values: Sequence[float]) -> Measured:
        return cls(np.sort(np.asarray(values, dtype=np.float64)))

    def drawn(self, uniform: Floats) -> Floats:
        """One value for each number of [0, 1), larger for larger ones.

        Two measures drawn with the same numbers are drawn of like calls: a call that is slow for its caller has also
        kept its environment busy for long.
        """
        places = (uniform * len(self.values)).astype(np.int64)
        found: Floats = self.values[places]
        return found
