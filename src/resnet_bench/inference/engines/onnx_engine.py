"""ResNet-50 on ONNX Runtime, from graphs made once on the host. Never imports torch.

Two graphs are there for each precision: the plain one, which runs anywhere, and one that ONNX Runtime has optimised
for the processor that exported it, with its weights in that processor's layout. Loading the second copies and
rearranges nothing, because the weights are mapped from the disk: 13 ms and 174 MB for 260 ms and 313 MB (measured,
ONNX Runtime 1.32, float32). It is taken where the processor has the vectors that it was made for and ONNX Runtime is
of the same version, and nowhere else: ONNX Runtime itself warns that such a graph is of one environment only.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.processor import cpu_flags

if TYPE_CHECKING:
    from resnet_bench.inference.engines import Registered
    from resnet_bench.inference.model import Model

INPUT = "image"
PLAIN = {"fp32": "resnet50.onnx", "int8": "resnet50-int8.onnx"}
OPTIMISED = {"fp32": "resnet50.optimised.onnx", "int8": "resnet50-int8.optimised.onnx"}
# ERROR: its warnings are about devices and optimisations that it did not find, and go to stderr.
_LOG_SEVERITY = 3
# What MLAS, the kernels of ONNX Runtime, decides the layout of convolutions by (platform.cpp), widest first.
_WIDTHS = ("avx512f", "avx2", "avx")
# Under any of them a product of unsigned and signed bytes cannot saturate.
_VNNI = frozenset(("avx512_vnni", "avx_vnni"))


class OnnxEngine:
    """``weights_s`` is ``None``: ONNX Runtime reads graph and weights in one call."""

    def __init__(self, name: str, precision: str, session: Any, threads: int, version: str) -> None:
        self.name = name
        self.precision = precision
        self._run = runner(session)
        self.threads_count = threads
        self.weights_s: float | None = None
        self.versions = {"onnxruntime": version}

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run(batch)


def runner(session: Any) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A session as what turns a batch into logits."""

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = session.run(None, {INPUT: batch})[0]
        return logits

    return run


def load(variant: Registered, model: Model, threads: int) -> OnnxEngine:
    """See ``EngineFactory.load``."""
    import onnxruntime

    precision = {"fp32": "float32"}.get(variant.precision, variant.precision)
    opened = _open(variant.precision, model, threads, onnxruntime.__version__)
    return OnnxEngine(variant.name, precision, opened, threads, onnxruntime.__version__)


def environment(version: str) -> str:
    """What an optimised graph is bound to: ONNX Runtime's version, and what the processor has that decides kernels."""
    flags = cpu_flags()
    vectors = next((width for width in _WIDTHS if width in flags), platform.machine())
    return f"onnxruntime {version}, {vectors}{' with VNNI' if flags & _VNNI else ''}"


def session(file: Path, threads: int, *, optimised: bool = False, save_to: Path | None = None) -> Any:
    """An inference session on the CPU.

    ``optimised`` says that the graph needs no more of that; ``save_to`` is where the graph that ONNX Runtime makes of
    it for this processor is saved, its weights beside it in ``<save_to>.data``.

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
    if optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if not cpu_flags() & _VNNI:
        # Older x86 processors saturate where unsigned meets signed: there both become unsigned, slower and right.
        options.add_session_config_entry("session.x64quantprecision", "1")
    if save_to is not None:
        options.optimized_model_filepath = str(save_to)
        prefix = "session.optimized_model_external_initializers_"
        options.add_session_config_entry(f"{prefix}file_name", f"{save_to.name}.data")
        options.add_session_config_entry(f"{prefix}min_size_in_bytes", "1024")
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
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


def _open(precision: str, model: Model, threads: int, version: str) -> Any:
    quick = OPTIMISED[precision]
    made_for = model.manifest.environments.get(quick)
    if made_for is not None and made_for == environment(version):
        return session(model.path(quick), threads, optimised=True)
    return session(model.path(PLAIN[precision]), threads)
