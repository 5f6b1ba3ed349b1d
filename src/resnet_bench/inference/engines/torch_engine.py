"""ResNet-50 on PyTorch: torchvision's own model in eval mode."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.inference.engines import WEIGHTS

if TYPE_CHECKING:
    from torch.nn import Module

    from resnet_bench.inference.model import Model


class TorchEngine:
    name = "torch"
    precision = "float32"

    def __init__(self, network: Module, threads: int, weights_s: float) -> None:
        import torch
        import torchvision

        self._network = network
        self._torch = torch
        self.threads_count = threads
        self.weights_s: float | None = weights_s
        self.versions = {"torch": str(torch.__version__), "torchvision": torchvision.__version__}

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        with self._torch.inference_mode():
            logits: NDArray[np.float32] = self._network(self._torch.from_numpy(batch)).numpy()
        return logits


def load(model: Model, threads: int) -> TorchEngine:
    """See ``EngineFactory.load``. The weights are mapped, so the first inference reads most of them from disk."""
    import torch

    # set_num_threads has crashed on arm64 Lambda (pytorch issue 74876): not called where it changes nothing.
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    empty = empty_network()
    started = time.perf_counter()
    network = with_weights(empty, model.path(WEIGHTS))
    return TorchEngine(network, threads, time.perf_counter() - started)


def empty_network() -> Module:
    """torchvision's ResNet-50 without values: on the meta device nothing is allocated or initialised."""
    import torch
    from torchvision.models.resnet import resnet50

    with torch.device("meta"):
        network: Module = resnet50()
    return network


def with_weights(network: Module, weights: Path) -> Module:
    """``network`` with the values of a safetensors file, ready to run.

    Raises:
        EngineError: the file cannot be read or is another network's.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        network.load_state_dict(load_file(weights), assign=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise EngineError(f"torch cannot load {weights}: {reason}", "prepare the model again") from error
    return network.eval()
