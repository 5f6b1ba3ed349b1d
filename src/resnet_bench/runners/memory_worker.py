"""A process that classifies one image and tells after each step how much memory it holds.

It takes the steps of the handler, or of the local worker, by the same code, and lets go of nothing before the end: the
runtime client keeps the event until it has the answer. One line each way:

    stdin   an event as JSON, or for ``file`` the image's path in base64
    stdout  a list of ``Held``
"""

from __future__ import annotations

import base64
import gc
import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from resnet_bench.results.records import Decode
from resnet_bench.sandbox.memory import forget_peak, peak_rss_bytes, rss_bytes


class Task(msgspec.Struct, frozen=True):
    """The process's argument."""

    engine: str
    model: str
    threads: int
    from_file: bool
    decode: Decode = "exact"


class Held(msgspec.Struct, frozen=True):
    """After one step. ``peak_rss_bytes`` since the step before, ``None`` where the kernel does not tell."""

    name: str
    rss_bytes: int
    peak_rss_bytes: int | None


class Meter:
    """Notes what is held after each step."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self._forgets = forget_peak()

    def done(self, name: str) -> None:
        peak = peak_rss_bytes() if self._forgets else None
        self.held.append(Held(name, rss_bytes(), peak))
        forget_peak()


def main() -> None:
    """``sys.argv[1]`` is a ``Task`` as JSON."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # What a step leaves in the collector's care must not be freed in a later one.
    gc.disable()
    meter = Meter()
    meter.done("interpreter")
    held = _classify(msgspec.json.decode(sys.argv[1], type=Task), sys.stdin.buffer, meter)
    answers.write(msgspec.json.encode(held) + b"\n")
    answers.flush()


def _classify(task: Task, questions: BinaryIO, meter: Meter) -> list[Held]:
    from resnet_bench.http_event import read_image
    from resnet_bench.inference import engines, labels
    from resnet_bench.inference.model import Model
    from resnet_bench.inference.ranking import rank

    engines.registered(task.engine).import_libraries()
    from resnet_bench.inference import images
    from resnet_bench.inference.pipelines import pipeline

    meter.done("libraries")
    model = Model.open(Path(task.model))
    steps = pipeline(task.decode, model.manifest.resize)
    engine = engines.load(task.engine, model, task.threads)
    names = labels.load()
    meter.done("weights and engine")
    line = questions.readline()
    event = None if task.from_file else json.loads(line)
    data = images.load(os.fsdecode(base64.b64decode(line))) if event is None else read_image(event).data
    meter.done("request")
    decoded = steps.decode(data)
    batch = steps.preprocess(decoded)
    meter.done("decoded image")
    rank(engine.run(batch)[0], names, 5)
    meter.done("first inference")
    return meter.held


if __name__ == "__main__":
    main()
