"""Sides that do nothing, by which what surrounds them is measured: an engine, a limiter. Benchmarks use them too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from resnet_bench.benchmark.nested import stages_sum
from resnet_bench.sandbox.limits.unlimited import Unlimited, UnlimitedCage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# For ``emulator.function.Function``: the least that a function can do.
NULL_HANDLER = "resnet_bench.diagnosis.null_function.handler"


class NullEngine:
    name, precision, threads_count = "null", "none", 1

    def __init__(self) -> None:
        import numpy as np

        self.weights_s: float | None = None
        self.versions: dict[str, str] = {}
        self._logits = np.linspace(0, 1, 1000, dtype=np.float32)[None]

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG002 - Engine's signature
        return self._logits


def null_calls(count: int) -> tuple[list[float], list[float]]:
    """Classifications whose stages do nothing: total less stages, and the whole call with its ranking, in seconds."""
    import numpy as np
    from PIL import Image

    from resnet_bench.inference import labels
    from resnet_bench.inference.classify import Classifier
    from resnet_bench.inference.images import Decoded

    image = Image.new("RGB", (224, 224))
    batch = np.zeros((1, 3, 224, 224), np.float32)
    decoded = Decoded(image, image.size, "PNG")
    classifier = Classifier(NullEngine(), lambda _data: decoded, lambda _image: batch, labels.load())
    unattributed, walls = [], []
    for _ in range(count):
        # As the local worker calls it, whose first stage is reading the file.
        started_s = time.perf_counter()
        read_s = time.perf_counter() - started_s
        stages = classifier.classify(b"", started_s=started_s, read_s=read_s).stages
        walls.append(time.perf_counter() - started_s)
        unattributed.append(stages.total_s - stages_sum(stages))
    return unattributed, walls


class NeverFrozenCage(UnlimitedCage):
    def freeze(self) -> None:
        pass

    def thaw(self) -> None:
        pass


class NeverFrozen(Unlimited):
    """What AWS's own emulator (aws-lambda-rie) does to a function: nothing."""

    def cage(self, label: str, **limits: object) -> NeverFrozenCage:  # noqa: ARG002 - the seam's signature
        return NeverFrozenCage()
