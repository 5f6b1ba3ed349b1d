"""ResNet-50 on ONNX Runtime, from a graph exported once on the host. Never imports torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError

if TYPE_CHECKING:
    from resnet_bench.inference.model import Model

ARTIFACT = "resnet50.onnx"
INPUT = "image"
# ERROR: its warnings are about devices and optimisations that it did not find, and go to stderr.
_LOG_SEVERITY = 3


class OnnxEngine:
    """``weights_s`` is ``None``: ONNX Runtime reads graph and weights in one call."""

    name = "onnx"
    precision = "float32"

    def __init__(self, session: Any, threads: int, version: str) -> None:
        self._session = session
        self.threads_count = threads
        self.weights_s: float | None = None
        self.versions = {"onnxruntime": version}

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = self._session.run(None, {INPUT: batch})[0]
        return logits


def load(model: Model, threads: int) -> OnnxEngine:
    """See ``EngineFactory.load``."""
    import onnxruntime

    return OnnxEngine(session(str(model.path(ARTIFACT)), threads), threads, onnxruntime.__version__)


def session(file: str, threads: int) -> Any:
    """An inference session on the CPU.

    Raises:
        EngineError: ONNX Runtime refuses the file.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    onnxruntime.set_default_logger_severity(_LOG_SEVERITY)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _LOG_SEVERITY
    try:
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NoSuchFile,
        errors.NotImplemented,
        errors.RuntimeException,
    ) as error:
        reason = str(error).splitlines()[0]
        raise EngineError(f"onnxruntime cannot load {file}: {reason}", "prepare the model again") from error
