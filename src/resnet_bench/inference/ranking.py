"""Logits to named classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resnet_bench.errors import EngineError
from resnet_bench.inference.labels import Label
from resnet_bench.results.records import Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Softmax over all classes in float64, of shape (classes,), after subtracting the maximum so nothing overflows.

    Raises:
        EngineError: a logit is not a finite number.
    """
    import numpy as np

    if not np.isfinite(logits).all():
        raise EngineError("the network's answer is not finite", "its weights are damaged; use other --weights")
    exponentials = np.exp(logits.astype(np.float64) - float(logits.max()))
    found: NDArray[np.float64] = exponentials / float(exponentials.sum())
    return found


def rank(logits: NDArray[np.float32], names: Sequence[Label], top: int) -> tuple[Prediction, ...]:
    """The ``top`` most probable classes, most probable first, ties by index.

    ``logits`` has shape (classes,), one for each of ``names``.

    Raises:
        EngineError: a logit is not a finite number.
    """
    import numpy as np

    found = probabilities(logits)
    # By logit: probabilities that differ by less than float64 can hold would look like ties.
    candidates: list[int] = (
        np.argpartition(logits, -top)[-top:].tolist() if top < len(logits) else [*range(len(logits))]
    )
    ranked = sorted(candidates, key=lambda index: (-logits[index], index))
    return tuple(Prediction(index, *names[index], float(found[index])) for index in ranked)
