"""The int8 graph: ONNX Runtime's static quantisation, a scale for each channel of the weights.

Activations are unsigned and weights signed bytes, which the processors' instructions for it multiply at once (VNNI on
x86); the ranges of activations come from the sample images (minimum to maximum). The graph says with QuantizeLinear
and DequantizeLinear what is int8, in standard ONNX, so that OpenVINO reads the same file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resnet_bench.inference.engines import onnx_engine
from resnet_bench.inference.exports.child import Made
from resnet_bench.inference.exports.samples import preprocessed, split
from resnet_bench.inference.model import Model
from resnet_bench.inference.pipelines import pipeline


class _Batches:
    """What ONNX Runtime calls a ``CalibrationDataReader``."""

    def __init__(self, batches: Iterator[NDArray[np.float32]]) -> None:
        self._batches = batches

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next input by its name, ``None`` after the last."""
        batch = next(self._batches, None)
        return None if batch is None else {onnx_engine.INPUT: batch}


def make(model: Model, target: Path, samples: tuple[str, ...]) -> Made:
    """See ``child.Exporter``."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    exact = pipeline("exact", model.manifest.resize)
    batches = (preprocessed(sample, exact) for sample in split(samples).calibration)
    quantize_static(
        str(model.path(onnx_engine.PLAIN["fp32"])),
        str(target / onnx_engine.PLAIN["int8"]),
        _Batches(batches),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    return Made()
