"""One image to its top classes, with a clock between the stages; and loading what that takes, timed as well.

Imports nothing heavy before ``load_classifier`` is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from resnet_bench.inference import engines, labels
from resnet_bench.inference.coldstart import Start
from resnet_bench.inference.labels import Label
from resnet_bench.inference.ranking import rank
from resnet_bench.results.records import ColdStages, Decode, Prediction, StageTimes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from resnet_bench.inference.engines.base import Engine
    from resnet_bench.inference.images import Decoded
    from resnet_bench.inference.model import Model

Clock = Callable[[], float]


@dataclass(frozen=True)
class Classification:
    """Sizes are (width, height) in pixels; ``processed_size`` is what the network saw."""

    predictions: tuple[Prediction, ...]
    original_size: tuple[int, int]
    processed_size: tuple[int, int]
    stages: StageTimes


@dataclass
class Classifier:
    """An engine with what comes before and after it. Not for two threads at once.

    ``names`` has one label for each logit; ``cold`` is this process's start-up, whose ``first_inference_s`` comes
    with the first call; ``clock`` is monotonic, in seconds.
    """

    engine: Engine
    decode: Callable[[bytes], Decoded]
    preprocess: Callable[[Decoded], NDArray[np.float32]]
    names: Sequence[Label]
    cold: ColdStages | None = None
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
        batch = self.preprocess(decoded)
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
        if self.cold is not None and self.cold.first_inference_s is None:
            self.cold = msgspec.structs.replace(self.cold, first_inference_s=stages.inference_s)
        height, width = batch.shape[2:]
        return Classification(predictions, decoded.size, (width, height), stages)


def load_classifier(
    engine_name: str,
    model: Model,
    threads: int,
    start: Start | None = None,
    *,
    decode: Decode = "exact",
    limit_bytes: int | None = None,
) -> Classifier:
    """Load everything that a classification needs, timed as the parts of a cold start.

    ``start`` is ``coldstart.mark()`` of the caller's first line, so that all its imports are counted; default: now.
    ``limit_bytes`` is this process's memory: images that would not fit into what is left of it are refused.

    Raises:
        UsageError: no engine has that name.
        EngineError: its library is not installed, or its artefact is missing or broken.
    """
    start = start or Start(None, time.perf_counter())
    engines.registered(engine_name).import_libraries()
    from resnet_bench.inference.pipelines import pipeline
    from resnet_bench.inference.room import room_bytes

    imported_s = time.perf_counter()
    engine = engines.load(engine_name, model, threads)
    names = labels.load()
    loaded_s = time.perf_counter()
    cold = ColdStages(
        interpreter_s=start.interpreter_s,
        imports_s=imported_s - start.begun_s,
        weights_s=engine.weights_s,
        engine_s=loaded_s - imported_s - (engine.weights_s or 0.0),
    )
    steps = pipeline(decode, model.manifest.resize, room_bytes(limit_bytes))
    return Classifier(engine, steps.decode, steps.preprocess, names, cold)
