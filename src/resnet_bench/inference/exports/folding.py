"""Batch normalisation folded into the convolution before it: the weights that the engines run.

At inference a batch normalisation is y = (x - mean) / sqrt(var + eps) * scale + shift with constants for each channel,
so that a convolution followed by one is a convolution with other weights and a bias. Computed in float64 and rounded
once; eps is torchvision's (the default of ``torch.nn.BatchNorm2d``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from resnet_bench.inference.architecture import parameters

_EPSILON = 1e-5
Weights = dict[str, NDArray[np.float32]]


def folded(weights: Mapping[str, NDArray[np.float32]]) -> Weights:
    """``NAME.weight`` and ``NAME.bias`` for each of ResNet-50's 53 convolutions and for ``fc``.

    ``weights`` are the network's parameters as ``architecture.parameters`` lists them.
    """
    found: Weights = {}
    for name, shape in parameters().items():
        layer = name.removesuffix(".weight")
        if len(shape) == 4:  # noqa: PLR2004 - only convolutions have four dimensions
            found[f"{layer}.weight"], found[f"{layer}.bias"] = _fold(weights[name], _norm_after(layer), weights)
    return found | {name: weights[name] for name in ("fc.weight", "fc.bias")}


def _fold(
    weight: NDArray[np.float32], norm: str, weights: Mapping[str, NDArray[np.float32]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    scale, shift, mean, variance = (
        weights[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale /= np.sqrt(variance + _EPSILON)
    return (weight * scale[:, None, None, None]).astype(np.float32), (shift - mean * scale).astype(np.float32)


def _norm_after(convolution: str) -> str:
    """torchvision's names: ``bn2`` follows ``conv2``, and ``downsample.1`` follows ``downsample.0``."""
    if convolution.endswith("downsample.0"):
        return convolution.removesuffix("0") + "1"
    return convolution.replace("conv", "bn")
