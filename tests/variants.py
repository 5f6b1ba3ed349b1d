"""What the tests of engines share: which variants run here, and what each loads."""

from __future__ import annotations

import pytest

from resnet_bench.inference import engines
from resnet_bench.inference.engines import Registered

# Of several graphs, all that the variant may load.
GRAPHS = {
    "torch": ("resnet50.folded.safetensors",),
    "onnx": ("resnet50.onnx", "resnet50.optimised.onnx"),
    "onnx-int8": ("resnet50-int8.onnx", "resnet50-int8.optimised.onnx"),
    "openvino": ("resnet50.onnx",),
    "openvino-int8": ("resnet50-int8.onnx",),
    "openvino-bf16": ("resnet50.onnx",),
}


def runnable(name: str) -> Registered:
    """The variant; skips the test where its library is not installed or the processor lacks what it needs."""
    variant = engines.registered(name)
    obstacle = variant.obstacle()
    if obstacle is not None:
        pytest.skip(obstacle.message)
    return variant
