"""ResNet-50 on PyTorch, eager, with batch normalisation folded away. Never imports torchvision.

torchvision's own model would do, but importing torchvision takes longer than importing torch and holds 160 MB
(measured, torch 2.14), for a network that is sixty calls of ``torch.nn.functional``.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.inference.network import forward

if TYPE_CHECKING:
    from torch import Tensor

    from resnet_bench.inference.engines import Registered
    from resnet_bench.inference.model import Model

FILE = "resnet50.folded.safetensors"


class TorchEngine:
    name = "torch"
    precision = "float32"

    def __init__(self, network: FoldedNetwork, threads: int, weights_s: float | None) -> None:
        import torch

        self._network = network
        self._torch = torch
        self.threads_count = threads
        self.weights_s = weights_s
        self.versions = {"torch": str(torch.__version__)}

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        with self._torch.inference_mode():
            logits: NDArray[np.float32] = forward(self._network, self._torch.from_numpy(batch)).numpy()
        return logits


class FoldedNetwork:
    """``network.Operations`` on tensors."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        from torch.nn import functional

        self._weights = weights
        self._functional = functional

    def convolution(
        self,
        name: str,
        value: Tensor,
        *,
        stride: int = 1,
        padding: int = 0,
        relu: bool = True,
        add: Tensor | None = None,
    ) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        found = self._functional.conv2d(value, weight, bias, stride, padding)
        if add is not None:
            found += add
        return found.relu_() if relu else found

    def max_pool(self, value: Tensor, *, kernel: int, stride: int, padding: int) -> Tensor:
        return self._functional.max_pool2d(value, kernel, stride, padding)

    def spatial_mean(self, value: Tensor) -> Tensor:
        return value.mean((2, 3))

    def linear(self, name: str, value: Tensor) -> Tensor:
        return self._functional.linear(value, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])


def load(variant: Registered, model: Model, threads: int) -> TorchEngine:  # noqa: ARG001 - the factory's signature
    """See ``EngineFactory.load``. The weights are mapped, so the first inference reads most of them from disk."""
    import torch

    # set_num_threads has crashed on arm64 Lambda (pytorch issue 74876): not called where it changes nothing.
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    started = time.perf_counter()
    network = read_network(model.path(FILE))
    return TorchEngine(network, threads, time.perf_counter() - started)


def read_network(file: Path) -> FoldedNetwork:
    """
    Raises:
        EngineError: the file cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return FoldedNetwork(load_file(file))
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise EngineError(f"torch cannot load {file}: {reason}", "prepare the model again") from error
