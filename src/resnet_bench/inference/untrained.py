"""Seeded random weights: the same bytes in every process, on every machine, with every NumPy.

The bytes follow from three guarantees: MT19937 through ``RandomState``, whose stream NumPy has frozen (NEP 19);
``random_sample``, which is exact arithmetic on its integers; and only multiplication, subtraction and ``sqrt``
after it, which IEEE 754 rounds in one way (no logarithms, whose last bit differs between C libraries).
``SHA256`` is the proof: what does not match it is refused.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import WeightsError
from resnet_bench.inference.architecture import Shape, parameters

SEED = 50
SHA256 = "61b71b604d283f4ea3a9c4291d3296d13620877125a5728056c1608ffbb76811"
# Chosen by looking at the logits of photographs: their spread is 1 to 6, and no class wins every image.
_RESIDUAL_SCALE = 0.5
_HEAD_SCALE = 6.0


def generate() -> dict[str, NDArray[np.float32]]:
    """Weights under which activations stay bounded and different images get different answers.

    Raises:
        WeightsError: this NumPy does not produce the expected bytes.
    """
    random = np.random.RandomState(SEED)
    weights = {name: _parameter(name, shape, random) for name, shape in parameters().items()}
    found = digest(weights)
    if found != SHA256:
        raise WeightsError(
            f"random weights came out as {found[:12]}, not as {SHA256[:12]}, with NumPy {np.__version__}",
            "this NumPy is broken or too new; use --weights with a file",
        )
    return weights


def digest(weights: dict[str, NDArray[np.float32]]) -> str:
    """SHA-256 over every parameter's name and little-endian float32 values, in the model's order."""
    running = hashlib.sha256()
    for name in parameters():
        running.update(name.encode())
        running.update(np.ascontiguousarray(weights[name], dtype="<f4").data)
    return running.hexdigest()


def _parameter(name: str, shape: Shape, random: np.random.RandomState) -> NDArray[np.float32]:
    if len(shape) > 1:
        return _uniform(shape, _HEAD_SCALE if name == "fc.weight" else 1.0, random)
    if name.endswith("bn3.weight"):
        # The last scale of each block: damped, or 16 additions would let the activations grow without end.
        return np.full(shape, _RESIDUAL_SCALE, np.float32)
    return np.full(shape, 1 if name.endswith((".weight", ".running_var")) else 0, np.float32)


def _uniform(shape: Shape, scale: float, random: np.random.RandomState) -> NDArray[np.float32]:
    """He-uniform values; the second half of the input channels is the first half negated.

    Without that, what all channels have in common (ReLU leaves only positive values) drowns what differs
    between images, and every image gets the same classes.
    """
    outputs, inputs, *kernel = shape
    bound = scale * math.sqrt(6.0 / math.prod(shape[1:]))
    mirrored = inputs % 2 == 0
    drawn = random.random_sample((outputs, inputs // 2 if mirrored else inputs, *kernel))
    drawn *= 2.0
    drawn -= 1.0
    drawn *= bound
    half = drawn.astype(np.float32)
    return np.concatenate((half, -half), axis=1) if mirrored else half
