"""ResNet-50 on OpenVINO, from the same plain ONNX graphs as ONNX Runtime's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.inference.engines.onnx_engine import PLAIN

if TYPE_CHECKING:
    from resnet_bench.inference.engines import Registered
    from resnet_bench.inference.model import Model

# (graph, what OpenVINO is told to compute in, what that is called in results). Left to itself OpenVINO takes bfloat16
# wherever the processor has it, and nobody would know. An int8 graph says itself which parts are int8.
_PRECISIONS = {
    "fp32": (PLAIN["fp32"], "f32", "float32"),
    "bf16": (PLAIN["fp32"], "bf16", "bfloat16"),
    "int8": (PLAIN["int8"], "f32", "int8"),
}


class OpenvinoEngine:
    """``weights_s`` is ``None``: OpenVINO reads and compiles in one go."""

    def __init__(self, name: str, precision: str, request: Any, threads: int, version: str) -> None:
        self.name = name
        self.precision = precision
        self._request = request
        self.threads_count = threads
        self.weights_s: float | None = None
        self.versions = {"openvino": version}

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        # A copy: the next inference writes into the same memory.
        logits: NDArray[np.float32] = np.array(self._request.infer({0: batch}, share_inputs=True)[0])
        return logits


def load(variant: Registered, model: Model, threads: int) -> OpenvinoEngine:
    """See ``EngineFactory.load``."""
    import openvino

    graph, hint, precision = _PRECISIONS[variant.precision]
    file = model.path(graph)
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": hint,
        # One request at a time, as soon as possible.
        "PERFORMANCE_HINT": "LATENCY",
    }
    try:
        request = openvino.Core().compile_model(str(file), "CPU", settings).create_infer_request()
    except RuntimeError as error:
        reason = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
        raise EngineError(f"openvino cannot load {file}: {reason}", "prepare the model again") from error
    return OpenvinoEngine(variant.name, precision, request, threads, openvino.__version__.partition("-")[0])
