"""Logits to named classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from resnet_bench.errors import EngineError
from resnet_bench.inference.labels import Label
from resnet_bench.results.records import Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def rank(logits: NDArray[np.float32], names: Sequence[Label], top: int) -> tuple[Prediction, ...]:
    """The ``top`` most probable classes, most probable first, ties by index.

    ``logits`` has shape (classes,), one for each of ``names``. The softmax runs over all classes in float64, after
    subtracting the maximum so that nothing overflows.

    Raises:
        EngineError: a logit is not a finite number.
    """
    import numpy as np

    values = logits.astype(np.float64)
    if not math.isfinite(values.sum()):
        raise EngineError("the network's answer is not finite", "its weights are damaged; use other --weights")
    values -= values.max()
    np.exp(values, out=values)
    total = float(values.sum())
    candidates = np.argpartition(values, -top)[-top:].tolist() if top < len(values) else range(len(values))
    ranked = sorted((-float(values[index]), index) for index in candidates)
    return tuple(Prediction(index, *names[index], -value / total) for value, index in ranked)
