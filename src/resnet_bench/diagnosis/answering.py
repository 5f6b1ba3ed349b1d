"""One engine's answer, in a process of its own: ``python -m <this> QUESTION``, a ``Question`` as JSON.

Waits for a line, classifies the sample, and answers with an ``Answered`` as JSON: the logits, so that engines can be
compared by more than their first classes, and how long calls took.
"""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import msgspec

from resnet_bench.errors import ResnetBenchError
from resnet_bench.inference import engines
from resnet_bench.inference.model import Model

# The size and kind of the smallest of the project's own photographs.
_WIDTH, _HEIGHT, _SEED = 451, 300, 0


class Question(msgspec.Struct, frozen=True):
    """``calls`` are timed after a first one that is not."""

    engine: str
    model: str
    threads: int
    calls: int


class Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    """``error`` is why there is no answer. ``None`` among ``logits`` is what is no number: JSON has no NaN."""

    logits: tuple[float | None, ...] = ()
    calls_s: tuple[float, ...] = ()
    error: str = ""


def sample() -> bytes:
    """A picture with edges, gradients and grain, the same everywhere, as PNG."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(_SEED)
    down, across = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    waves = [127 + 100 * np.sin(across / wide + down / high) for wide, high in ((17, 41), (53, 29), (31, 97))]
    picture = np.stack(waves, axis=-1) + random.normal(0, 12, (_HEIGHT, _WIDTH, 3))
    written = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype("uint8")).save(written, "PNG")
    return written.getvalue()


def answer(question: Question) -> Answered:
    from resnet_bench.inference.pipelines import pipeline

    model = Model.open(Path(question.model))
    engine = engines.load(question.engine, model, question.threads)
    steps, data = pipeline("exact", model.manifest.resize), sample()
    logits = engine.run(steps.preprocess(steps.decode(data)))[0]
    took = []
    for _ in range(question.calls):
        begun_s = time.perf_counter()
        engine.run(steps.preprocess(steps.decode(data)))
        took.append(time.perf_counter() - begun_s)
    return Answered(tuple(map(float, logits)), tuple(took))


def main() -> None:
    # Libraries may print: what they print must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    question = msgspec.json.decode(sys.argv[1], type=Question)
    for _ in sys.stdin.buffer:
        try:
            found = answer(question)
        except ResnetBenchError as error:
            found = Answered(error=error.message)
        answers.write(msgspec.json.encode(found) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
