"""A graph as ONNX Runtime makes it for this processor when it loads the plain one, saved so that it need not again."""

from __future__ import annotations

from pathlib import Path

from resnet_bench.inference.engines import onnx_engine
from resnet_bench.inference.exports.child import Made
from resnet_bench.inference.model import Model


def make_float(model: Model, target: Path, _samples: tuple[str, ...]) -> Made:
    """See ``child.Exporter``."""
    return _optimise(model, target, "fp32")


def make_int8(model: Model, target: Path, _samples: tuple[str, ...]) -> Made:
    """See ``child.Exporter``."""
    return _optimise(model, target, "int8")


def _optimise(model: Model, target: Path, precision: str) -> Made:
    import onnxruntime

    name = onnx_engine.OPTIMISED[precision]
    onnx_engine.session(model.path(onnx_engine.PLAIN[precision]), threads=0, save_to=target / name)
    return Made(environments={name: onnx_engine.environment(onnxruntime.__version__)})
