"""What measuring itself costs on the local side. Goal: under 50 microseconds of a measured total.

    python benchmarks/harness.py [--rounds 60]

Three figures, medians of many calls:
  unattributed   total less stages, with stages that do nothing: what the clocks and the bookkeeping add to a total
  null call      one whole ``classify`` with stages that do nothing, ranking included
  outside        a real local run's wall time less its measured total: pipe, JSON, stopping and resuming the worker,
                 reading /proc. It is in no figure that the program prints.
"""

from __future__ import annotations

import os
import time

from resnet_bench.diagnosis.nulls import null_calls
from resnet_bench.inference.model import prepare
from resnet_bench.progress import SILENT, Progress
from resnet_bench.runners.base import Photo
from resnet_bench.runners.local import LocalRunner
from resnet_bench.sandbox.limits import choose
from suite.alone import show
from suite.figures import Finding, Goal, Series, alone
from suite.photos import PNG

GOAL = Goal(50e-6)
ROUNDS = 60
# Null calls in a round; they are a thousand times as fast as a real one.
CALLS = 30


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    unattributed, null = null_calls(rounds * CALLS)
    return [
        alone("unattributed: total less stages, null engine", Series("null", unattributed), GOAL),
        alone("null call: a whole classification, null engine", Series("null", null), GOAL),
        alone(
            "outside: a real local run less its measured total, in no figure",
            Series("onnx", outside_local_runs(rounds, progress)),
        ),
    ]


def outside_local_runs(rounds: int, progress: Progress) -> list[float]:
    model = prepare("random", ["onnx"], progress)
    runner = LocalRunner("onnx", model, len(os.sched_getaffinity(0)), choose()[0])
    photo, outside = Photo(PNG.name, str(PNG)), []
    try:
        runner.classify(photo)  # starts the worker
        for done in range(rounds):
            progress.step(f"harness: run {done + 1} of {rounds}", done / rounds)
            before_s = time.perf_counter()
            answer = runner.classify(photo).answer
            outside.append(time.perf_counter() - before_s - answer.stages.total_s)
    finally:
        runner.close()
    return outside


if __name__ == "__main__":
    show(__doc__, figures, ROUNDS)
