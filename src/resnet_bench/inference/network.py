"""ResNet-50 as a sequence of operations on whatever the caller calls a value: tensors to run, or nodes of a graph.

The network at inference: every batch normalisation is folded into the convolution before it (``folding``), so that a
convolution has a weight, a bias and perhaps an addition and a ReLU after it. The stride of a block that shrinks sits in
its 3x3 convolution, as in torchvision ("ResNet v1.5"); the paper (He et al., 2015) has it in the first 1x1.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from resnet_bench.inference.architecture import STAGES

Value = TypeVar("Value")


class Operations(Protocol[Value]):
    """What a ResNet-50 is made of. Values are NCHW; ``name`` is that of the folded weights, ``conv1`` to ``fc``."""

    def convolution(
        self, name: str, value: Value, *, stride: int = 1, padding: int = 0, relu: bool = True, add: Value | None = None
    ) -> Value:
        """The convolution with its bias; then ``add`` is added, then the ReLU applied, each if asked for."""
        ...

    def max_pool(self, value: Value, *, kernel: int, stride: int, padding: int) -> Value: ...

    def spatial_mean(self, value: Value) -> Value:
        """The mean over height and width, of shape (1, channels)."""
        ...

    def linear(self, name: str, value: Value) -> Value: ...


def forward(operations: Operations[Value], image: Value) -> Value:
    """Logits of shape (1, 1000) for an image of shape (1, 3, 224, 224)."""
    value = operations.convolution("conv1", image, stride=2, padding=3)
    value = operations.max_pool(value, kernel=3, stride=2, padding=1)
    for stage, (_, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            # The first stage comes after the max pooling and does not shrink.
            stride = 2 if block == 0 and stage > 1 else 1
            value = _bottleneck(operations, f"layer{stage}.{block}", value, stride, projected=block == 0)
    return operations.linear("fc", operations.spatial_mean(value))


def _bottleneck(operations: Operations[Value], prefix: str, value: Value, stride: int, *, projected: bool) -> Value:
    inner = operations.convolution(f"{prefix}.conv1", value)
    inner = operations.convolution(f"{prefix}.conv2", inner, stride=stride, padding=1)
    shortcut = value
    if projected:
        shortcut = operations.convolution(f"{prefix}.downsample.0", value, stride=stride, relu=False)
    return operations.convolution(f"{prefix}.conv3", inner, add=shortcut)
