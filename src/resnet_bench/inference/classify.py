"""One image to its top classes, every stage timed. Imports nothing heavy before ``load_classifier`` is called."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resnet_bench.errors import EngineError
from resnet_bench.inference import engines, labels
from resnet_bench.inference.labels import Label
from resnet_bench.results.records import ColdStages, Prediction, RuntimeFacts, StageTimes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

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


class Classifier:
    """An engine with what comes before and after it. Not for two threads at once."""

    def __init__(
        self,
        engine: Engine,
        *,
        decode: Callable[[bytes], Decoded],
        preprocess: Callable[[Image], NDArray[np.float32]],
        names: Sequence[Label],
        cold: ColdStages | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.engine = engine
        self.cold = cold
        self._decode = decode
        self._preprocess = preprocess
        self._names = names
        self._clock = clock

    def classify(
        self,
        data: bytes,
        *,
        top: int = 5,
        started: float | None = None,
        read_s: float | None = None,
        json_parse_s: float | None = None,
        base64_decode_s: float | None = None,
    ) -> Classification:
        """Classify the bytes of a JPEG or PNG.

        ``started`` is this classifier's clock when the caller's first stage began (default: now), so that
        ``total_s`` covers the caller's stages too; those are handed through into the result.

        Raises:
            ImageError: the bytes are not an image that can be classified.
            EngineError: the network's answer is not finite.
        """
        clock = self._clock
        begun = clock()
        decoded = self._decode(data)
        decoded_at = clock()
        batch = self._preprocess(decoded.image)
        preprocessed_at = clock()
        logits = self.engine.run(batch)
        inferred_at = clock()
        predictions = best(logits[0], self._names, top)
        ended = clock()
        stages = StageTimes(
            json_parse_s=json_parse_s,
            base64_decode_s=base64_decode_s,
            read_s=read_s,
            decode_s=decoded_at - begun,
            preprocess_s=preprocessed_at - decoded_at,
            inference_s=inferred_at - preprocessed_at,
            postprocess_s=ended - inferred_at,
            total_s=ended - (begun if started is None else started),
        )
        if self.cold is not None and self.cold.first_inference_s is None:
            self.cold = msgspec.structs.replace(self.cold, first_inference_s=stages.inference_s)
        height, width = batch.shape[2:]
        return Classification(predictions, decoded.size, (width, height), stages)


def best(logits: NDArray[np.float32], names: Sequence[Label], top: int) -> tuple[Prediction, ...]:
    """The ``top`` most probable classes, most probable first, ties by index.

    The softmax over all classes is computed in float64: less its maximum, so that nothing overflows.

    Raises:
        EngineError: a logit is not a finite number.
    """
    import numpy as np

    values = logits.astype(np.float64)
    values -= values.max()
    np.exp(values, out=values)
    total = float(values.sum())
    if not math.isfinite(total):
        raise EngineError("the network's answer is not finite", "its weights are damaged; use other --weights")
    candidates = np.argpartition(values, -top)[-top:].tolist() if top < len(values) else range(len(values))
    ranked = sorted((-float(values[index]), index) for index in candidates)
    return tuple(Prediction(index, *names[index], -value / total) for value, index in ranked)


def load_classifier(
    engine_name: str,
    model: Model,
    threads: int,
    *,
    interpreter_s: float | None = None,
    clock: Clock = time.perf_counter,
) -> Classifier:
    """Load everything that a classification needs, timed as the parts of a cold start.

    ``interpreter_s`` is ``coldstart.process_age_s()``, taken by the caller before its first heavy import.

    Raises:
        UsageError: no engine has that name.
        EngineError: its library is not installed, or its artefact is missing or broken.
    """
    begun = clock()
    engines.registered(engine_name).import_libraries()
    from resnet_bench.inference import images

    imported = clock()
    engine = engines.load(engine_name, model, threads)
    names = labels.load()
    loaded = clock()
    cold = ColdStages(
        interpreter_s=interpreter_s,
        imports_s=imported - begun,
        weights_s=engine.weights_s,
        engine_s=loaded - imported - (engine.weights_s or 0.0),
    )
    return Classifier(
        engine,
        decode=images.decode,
        preprocess=partial(images.preprocess, resize=model.manifest.resize),
        names=names,
        cold=cold,
        clock=clock,
    )


def facts(classifier: Classifier, model: Model) -> RuntimeFacts:
    """What runs here. The same for every call, so ask once."""
    import numpy as np
    import PIL

    engine = classifier.engine
    return RuntimeFacts(
        engine=engine.name,
        precision=engine.precision,
        threads_count=engine.threads_count,
        vcpus_count=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        versions={**engine.versions, "numpy": np.__version__, "pillow": PIL.__version__},
        cpu_model=cpu_model(),
        weights=model.manifest.weights,
        weights_sha256=model.manifest.weights_sha256,
        trained=model.manifest.trained,
    )


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The kernel's name of the CPU; arm64 kernels give none, so there the architecture."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
