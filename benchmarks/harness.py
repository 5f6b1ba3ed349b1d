"""What measuring itself costs on the local side. Goal: under 50 microseconds within a measured total.

Three figures, medians of many calls:
  unattributed   total less stages, with stages that do nothing: what the clocks and the bookkeeping add to a total
  null call      one whole ``classify`` with stages that do nothing, ranking included
  outside        a real local run's wall time less its measured total: pipe, JSON, stopping and resuming the worker,
                 reading /proc. It is in no figure that the program prints.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from resnet_bench.benchmark.nested import stages_sum
from resnet_bench.inference import labels
from resnet_bench.inference.classify import Classifier
from resnet_bench.inference.images import Decoded
from resnet_bench.inference.model import prepare
from resnet_bench.runners.base import Photo
from resnet_bench.runners.local import LocalRunner
from resnet_bench.sandbox.limits import choose

GOAL_S = 50e-6
CALLS = 2000
RUNS = 60
PHOTO = Path(__file__).parent.parent / "images" / "chelsea.png"


class NullEngine:
    name, precision, threads_count, weights_s, versions = "null", "none", 1, None, {}

    def __init__(self) -> None:
        self._logits = np.linspace(0, 1, 1000, dtype=np.float32)[None]

    def run(self, _batch: np.ndarray) -> np.ndarray:
        return self._logits


def null_calls() -> tuple[float, float]:
    image = Image.new("RGB", (224, 224))
    batch = np.zeros((1, 3, 224, 224), np.float32)
    decoded = Decoded(image, image.size, "PNG")
    classifier = Classifier(NullEngine(), lambda _data: decoded, lambda _image: batch, labels.load())
    unattributed, walls = [], []
    for _ in range(CALLS):
        before_s = time.perf_counter()
        stages = classifier.classify(b"").stages
        walls.append(time.perf_counter() - before_s)
        unattributed.append(stages.total_s - stages_sum(stages))
    return median(unattributed), median(walls)


def outside_a_local_run() -> float:
    model = prepare("random", ["onnx"])
    runner = LocalRunner("onnx", model, len(os.sched_getaffinity(0)), choose()[0])
    photo, outside = Photo(PHOTO.name, str(PHOTO)), []
    try:
        for _ in range(RUNS):
            before_s = time.perf_counter()
            answer = runner.classify(photo).answer
            outside.append(time.perf_counter() - before_s - answer.stages.total_s)
    finally:
        runner.close()
    return median(outside[1:])  # the first starts the worker


def main() -> None:
    unattributed_s, null_s = null_calls()
    print(f"unattributed  {unattributed_s * 1e6:8.1f} us   (goal: under {GOAL_S * 1e6:.0f} us)")
    print(f"null call     {null_s * 1e6:8.1f} us")
    print(f"outside       {outside_a_local_run() * 1e6:8.1f} us   (in no figure)")


if __name__ == "__main__":
    main()
