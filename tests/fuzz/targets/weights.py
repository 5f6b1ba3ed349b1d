"""Files of weights that somebody else wrote: a ResNet-50's, or a ``WeightsError``; and nothing in them is run."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch

from fuzz.target import Target
from resnet_bench.errors import WeightsError
from resnet_bench.inference import checkpoint

_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-weights-"))


class Ran(BaseException):
    """Something in a file was executed; not to be swallowed by whoever handles errors."""


class Marked:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return run_me, ("x",)


def run_me(_word: str) -> None:
    raise Ran


def target(data: bytes) -> None:
    for name in ("weights.safetensors", "weights.pth"):
        file = _FOLDER / name
        file.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, about old formats
            try:
                checkpoint.read(file)
            except WeightsError as error:
                assert error.message.replace(str(_FOLDER), "").isprintable(), error.message
                assert len(error.message) < 500
            else:
                raise AssertionError("a few kB are no ResNet-50")


def seeds() -> Iterator[bytes]:
    some = {"conv1.weight": np.zeros((2, 3), np.float32), "fc.bias": np.zeros(3, np.int64)}
    yield safetensors.numpy.save(some)
    header = json.dumps({"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}}).encode()
    yield len(header).to_bytes(8, "little") + header + bytes(4)
    for content in ({"state_dict": {"module.conv1.weight": torch.zeros(2)}}, {"a": 1}, Marked(), [torch.zeros(1)]):
        for new in (True, False):
            buffer = io.BytesIO()
            torch.save(content, buffer, _use_new_zipfile_serialization=new)
            yield buffer.getvalue()


TARGET = Target(target, seeds, longest=3000, cpu_s=3.0)
