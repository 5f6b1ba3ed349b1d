"""Proof that an export answers as torchvision's own network does, or as the graph that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.inference.model import ExportCheck

if TYPE_CHECKING:
    from torch.nn import Module

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]
TOLERANCE = 1e-4
_INPUTS = 4
_SHAPE = (1, 3, 224, 224)


def compare(weights: Path, run: Run, versions: dict[str, str]) -> ExportCheck:
    """torchvision's ResNet-50 with ``weights`` (safetensors) and ``run``; see ``same_answers``."""
    import torch

    network = torchvision_network(weights)

    def reference(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            logits: NDArray[np.float32] = network(torch.from_numpy(batch)).numpy()
        return logits

    return same_answers(reference, run, {"torch": str(torch.__version__), **versions})


def same_answers(reference: Run, run: Run, versions: dict[str, str]) -> ExportCheck:
    """Both on seeded inputs.

    Raises:
        EngineError: a logit differs by more than ``TOLERANCE``, or a top five differs.
    """
    difference, same = 0.0, True
    for batch in _inputs():
        expected, found = reference(batch), run(batch)
        difference = max(difference, float(np.abs(expected - found).max()))
        same = same and np.array_equal(_top5(expected), _top5(found))
    if difference > TOLERANCE or not same:
        raise EngineError(
            f"the export differs from what it was made from: logits by {difference:.1e} (limit {TOLERANCE:.0e}), "
            f"top 5 {'the same' if same else 'different'}"
        )
    return ExportCheck(
        inputs_count=_INPUTS,
        max_logit_difference=difference,
        same_top5=same,
        versions=versions,
    )


def torchvision_network(weights: Path) -> Module:
    """Its ResNet-50 in eval mode. On the meta device nothing is allocated or initialised before the values come."""
    import torch
    from safetensors.torch import load_file
    from torchvision.models.resnet import resnet50

    with torch.device("meta"):
        network: Module = resnet50()
    network.load_state_dict(load_file(weights), assign=True)
    return network.eval()


def _inputs() -> Iterator[NDArray[np.float32]]:
    """Noise at several contrasts, in the range of normalised images."""
    random = np.random.default_rng(0)
    for contrast in np.linspace(0.25, 1.0, _INPUTS):
        yield (random.standard_normal(_SHAPE) * contrast).astype(np.float32)


def _top5(logits: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.argsort(-logits[0], kind="stable")[:5]
