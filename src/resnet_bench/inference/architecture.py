"""The parameters of ResNet-50: their names, order and shapes, as in torchvision, without torch.

Batch normalisation's ``num_batches_tracked`` counters are left out: inference does not use them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

Shape = tuple[int, ...]

CLASSES = 1000
# (channels inside the block, number of blocks) of layer1 to layer4; a block's output has four times the channels.
STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
_EXPANSION = 4


@cache
def parameters() -> dict[str, Shape]:
    """All 267 parameters in the order of the model's own state dict."""
    return dict(_parameters())


def _parameters() -> Iterator[tuple[str, Shape]]:
    yield "conv1.weight", (64, 3, 7, 7)
    yield from _norm("bn1", 64)
    inputs = 64
    for stage, (width, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            yield from _bottleneck(f"layer{stage}.{block}", inputs, width, shortcut=block == 0)
            inputs = width * _EXPANSION
    yield "fc.weight", (CLASSES, inputs)
    yield "fc.bias", (CLASSES,)


def _bottleneck(prefix: str, inputs: int, width: int, *, shortcut: bool) -> Iterator[tuple[str, Shape]]:
    outputs = width * _EXPANSION
    convolutions = ((width, inputs, 1, 1), (width, width, 3, 3), (outputs, width, 1, 1))
    for number, shape in enumerate(convolutions, start=1):
        yield f"{prefix}.conv{number}.weight", shape
        yield from _norm(f"{prefix}.bn{number}", shape[0])
    if shortcut:
        yield f"{prefix}.downsample.0.weight", (outputs, inputs, 1, 1)
        yield from _norm(f"{prefix}.downsample.1", outputs)


def _norm(prefix: str, channels: int) -> Iterator[tuple[str, Shape]]:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{prefix}.{part}", (channels,)
