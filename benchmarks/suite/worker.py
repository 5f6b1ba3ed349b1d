"""One piece of work, timed on request: ``python -m suite.worker WORK``, where ``WORK`` is a ``Work`` as JSON.

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
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Decode
from resnet_bench.runners.trouble import trouble
from suite.turns import timed

_SHAPE = (1, 3, 224, 224)

Kind = Literal["engine", "torch eager", "SGEMM by numpy", "SGEMM by torch", "torchvision", "exact", "fast"]


class Work(msgspec.Struct, frozen=True):
    """An inference, a product of square matrices, or the way from a photograph to a batch.

    ``subject`` is the engine's name, the side of the matrices, or the photograph's path.
    """

    kind: Kind
    threads: int
    model: str = ""
    subject: str = ""


def work_of(work: Work) -> Callable[[], object]:
    """Everything loaded and made, ready to be run.

    Raises:
        EngineError: the engine cannot be loaded here.
    """
    match work.kind:
        case "engine":
            engine, batch = engines.load(work.subject, Model.open(work.model), work.threads), _noise()
            return lambda: engine.run(batch)
        case "torch eager":
            return _eager(Path(work.model))
        case "SGEMM by numpy" | "SGEMM by torch":
            return _product(int(work.subject), torch_threads=work.threads if work.kind.endswith("torch") else None)
        case "torchvision":
            return _transforms(Path(work.subject))
        case "exact" | "fast":
            return _ours(work, work.kind)


def _noise() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(_SHAPE, np.float32)


def _eager(model: Path) -> Callable[[], object]:
    """The plain way: torchvision's network as it is, and torch's own number of threads."""
    import torch
    from safetensors.torch import load_file
    from torchvision.models import resnet50

    network = resnet50()
    network.load_state_dict(load_file(model / engines.WEIGHTS))
    network.eval()
    image = torch.from_numpy(_noise())

    def run() -> object:
        with torch.inference_mode():
            return network(image)

    return run


def _product(side: int, torch_threads: int | None) -> Callable[[], object]:
    """By torch on so many threads, else by numpy, whose own number is that of the CPUs."""
    random = np.random.default_rng(0)
    left, right = (random.random((side, side), np.float32) for _ in range(2))
    if torch_threads is None:
        return lambda: left @ right
    import torch

    torch.set_num_threads(torch_threads)
    above, below = torch.from_numpy(left), torch.from_numpy(right)
    return lambda: above @ below


def _transforms(photo: Path) -> Callable[[], object]:
    """What torchvision publishes with the weights."""
    from suite.preprocess import reference

    data = photo.read_bytes()
    return lambda: reference(data)


def _ours(work: Work, decode: Decode) -> Callable[[], object]:
    """As the program does it, in a process that has loaded what the program loads."""
    classifier = load_classifier("onnx", Model.open(work.model), work.threads, decode=decode)
    data = Path(work.subject).read_bytes()
    return lambda: classifier.preprocess(classifier.decode(data))


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
