"""Decode, preprocess, run, rank: one image through the network with a clock between the stages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resnet_bench.errors import EngineError
from resnet_bench.inference.labels import Label
from resnet_bench.results.records import Prediction, StageTimes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from resnet_bench.inference.engines.base import Engine
    from resnet_bench.inference.images import Decoded

Clock = Callable[[], float]


@dataclass(frozen=True)
class Classification:
    """Sizes are (width, height) in pixels; ``processed_size`` is what the network saw."""

    predictions: tuple[Prediction, ...]
    original_size: tuple[int, int]
    processed_size: tuple[int, int]
    stages: StageTimes


@dataclass(frozen=True)
class Pipeline:
    """The stages. ``names`` has one label for each logit; ``clock`` is monotonic, in seconds."""

    engine: Engine
    decode: Callable[[bytes], Decoded]
    preprocess: Callable[[Image], NDArray[np.float32]]
    names: Sequence[Label]
    clock: Clock = time.perf_counter

    def classify(
        self,
        data: bytes,
        *,
        top: int = 5,
        started_s: float | None = None,
        read_s: float | None = None,
        json_parse_s: float | None = None,
        base64_decode_s: float | None = None,
    ) -> Classification:
        """Classify the bytes of a JPEG or PNG.

        ``started_s`` is ``clock`` when the caller's first stage began (default: now), so that ``total_s`` covers
        the caller's stages too; their times are handed through into the result.

        Raises:
            ImageError: the bytes are not an image that can be classified.
            EngineError: the network's answer is not finite.
        """
        clock = self.clock
        begun_s = clock()
        decoded = self.decode(data)
        decoded_s = clock()
        batch = self.preprocess(decoded.image)
        preprocessed_s = clock()
        logits = self.engine.run(batch)
        inferred_s = clock()
        predictions = rank(logits[0], self.names, top)
        ended_s = clock()
        stages = StageTimes(
            json_parse_s=json_parse_s,
            base64_decode_s=base64_decode_s,
            read_s=read_s,
            decode_s=decoded_s - begun_s,
            preprocess_s=preprocessed_s - decoded_s,
            inference_s=inferred_s - preprocessed_s,
            postprocess_s=ended_s - inferred_s,
            total_s=ended_s - (begun_s if started_s is None else started_s),
        )
        height, width = batch.shape[2:]
        return Classification(predictions, decoded.size, (width, height), stages)


def rank(logits: NDArray[np.float32], names: Sequence[Label], top: int) -> tuple[Prediction, ...]:
    """The ``top`` most probable classes, most probable first, ties by index.

    The softmax runs over all classes in float64, after subtracting the maximum so that nothing overflows.

    Raises:
        EngineError: a logit is not a finite number.
    """
    import numpy as np

    values = logits.astype(np.float64)
    values -= values.max()
    if not math.isfinite(values.sum()):
        raise EngineError("the network's answer is not finite", "its weights are damaged; use other --weights")
    np.exp(values, out=values)
    total = float(values.sum())
    candidates = np.argpartition(values, -top)[-top:].tolist() if top < len(values) else range(len(values))
    ranked = sorted((-float(values[index]), index) for index in candidates)
    return tuple(Prediction(index, *names[index], -value / total) for value, index in ranked)
