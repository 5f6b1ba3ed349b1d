"""One piece of work, timed on request: ``python -m suite.local_worker WORK``, where ``WORK`` is a ``Work`` as JSON.

One JSON document per line: a number of runs comes in, the seconds of each go out, or a ``Trouble``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from resnet_bench.errors import ResnetBenchError
from resnet_bench.inference import engines
from resnet_bench.inference.model import Model
from resnet_bench.runners.trouble import trouble
from suite.turns import timed

_SHAPE = (1, 3, 224, 224)


class Work(msgspec.Struct, frozen=True):
    """An inference by the engine ``name``, or by torch eager; or a product of square matrices of ``size`` by numpy or
    torch."""

    kind: Literal["engine", "eager", "numpy", "torch"]
    model: str
    threads: int
    name: str = ""
    size: int = 0


def work_of(work: Work) -> Callable[[], object]:
    """Everything loaded and made, ready to be run.

    Raises:
        EngineError: the engine cannot be loaded here.
    """
    random = np.random.default_rng(0)
    match work.kind:
        case "engine":
            engine = engines.load(work.name, Model.open(work.model), work.threads)
            batch = random.standard_normal(_SHAPE, np.float32)
            return lambda: engine.run(batch)
        case "eager":
            return eager(Path(work.model), random.standard_normal(_SHAPE, np.float32))
        case "numpy":
            # Its own number of threads, which is that of the CPUs.
            left, right = (random.random((work.size, work.size), np.float32) for _ in range(2))
            return lambda: left @ right
        case "torch":
            import torch

            torch.set_num_threads(work.threads)
            above, below = (torch.rand(work.size, work.size) for _ in range(2))
            return lambda: above @ below


def eager(model: Path, batch: np.ndarray) -> Callable[[], object]:
    """The plain way: torchvision's network as it is, and torch's own number of threads."""
    import torch
    from safetensors.torch import load_file
    from torchvision.models import resnet50

    network = resnet50()
    network.load_state_dict(load_file(model / engines.WEIGHTS))
    network.eval()
    image = torch.from_numpy(batch)

    def run() -> object:
        with torch.inference_mode():
            return network(image)

    return run


def main() -> None:
    # Libraries may print: what they print must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        run = timed(work_of(msgspec.json.decode(sys.argv[1], type=Work)))
    except ResnetBenchError as error:
        answers.write(msgspec.json.encode(trouble(error)) + b"\n")
        answers.flush()
        return
    for line in sys.stdin.buffer:
        run()  # the process was stopped: caches are cold and threads asleep
        answers.write(msgspec.json.encode([run() for _ in range(int(line))]) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
