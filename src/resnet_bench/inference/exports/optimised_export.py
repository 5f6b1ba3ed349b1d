"""A graph as ONNX Runtime makes it for this processor when it loads the plain one, saved so that it need not again."""

from __future__ import annotations

from pathlib import Path

from resnet_bench.inference.engines import onnx_engine
from resnet_bench.inference.exports.child import Made
from resnet_bench.inference.exports.reference import same_answers
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
    plain = onnx_engine.session(model.path(onnx_engine.PLAIN[precision]), threads=0, save_to=target / name)
    quick = onnx_engine.session(target / name, threads=0, optimised=True)
    version = onnxruntime.__version__
    check = same_answers(onnx_engine.runner(plain), onnx_engine.runner(quick), {"onnxruntime": version})
    return Made(checks={name: check}, environments={name: onnx_engine.environment(version)})
