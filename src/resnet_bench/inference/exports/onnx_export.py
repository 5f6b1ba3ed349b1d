"""The plain ONNX graph, written operation by operation. It runs on any processor, under ONNX Runtime and OpenVINO.

torch's own exporter would do: it takes 10 to 30 seconds and 1.3 GB for these 122 nodes, and its output changes with its
version. Whether these are the right nodes is not left to the eye: the export is compared with torchvision's network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from resnet_bench.inference.engines import WEIGHTS, onnx_engine
from resnet_bench.inference.exports.child import Made
from resnet_bench.inference.exports.folding import Weights, folded
from resnet_bench.inference.exports.reference import compare
from resnet_bench.inference.model import Model
from resnet_bench.inference.network import forward

# Understood by every ONNX Runtime that the package admits, and by OpenVINO.
_OPSET, _IR_VERSION = 17, 8
_INPUT_SHAPE, _OUTPUT_SHAPE = (1, 3, 224, 224), (1, 1000)


def make(model: Model, target: Path, _samples: tuple[str, ...]) -> Made:
    """See ``child.Exporter``."""
    import onnx
    import onnxruntime
    from safetensors.numpy import load_file

    weights = model.path(WEIGHTS)
    file = target / onnx_engine.PLAIN["fp32"]
    # Beside the graph and not in it: so they can be mapped, and several processes share them.
    onnx.save_model(
        _graph(folded(load_file(weights))), str(file), save_as_external_data=True, location=f"{file.name}.data"
    )
    run = onnx_engine.runner(onnx_engine.session(file, threads=0))
    return Made(checks={file.name: compare(weights, run, {"onnxruntime": onnxruntime.__version__})})


def _graph(weights: Weights) -> Any:
    """The ``onnx.ModelProto``."""
    from onnx import TensorProto, helper, numpy_helper

    graph = _Graph()
    logits = forward(graph, onnx_engine.INPUT)
    made = helper.make_graph(
        graph.nodes,
        "resnet50",
        [helper.make_tensor_value_info(onnx_engine.INPUT, TensorProto.FLOAT, _INPUT_SHAPE)],
        [helper.make_tensor_value_info(logits, TensorProto.FLOAT, _OUTPUT_SHAPE)],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    found = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    found.producer_name = "resnet-bench"
    return found


class _Graph:
    """``network.Operations`` that writes down a node for each operation; values are the names of nodes' outputs."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []

    def convolution(
        self, name: str, value: str, *, stride: int = 1, padding: int = 0, relu: bool = True, add: str | None = None
    ) -> str:
        found = self._node(
            "Conv",
            name,
            value,
            f"{name}.weight",
            f"{name}.bias",
            strides=[stride, stride],
            pads=[padding] * 4,
        )
        if add is not None:
            found = self._node("Add", f"{name}.sum", found, add)
        return self._node("Relu", f"{name}.relu", found) if relu else found

    def max_pool(self, value: str, *, kernel: int, stride: int, padding: int) -> str:
        return self._node(
            "MaxPool",
            "max_pool",
            value,
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[padding] * 4,
        )

    def spatial_mean(self, value: str) -> str:
        return self._node("Flatten", "mean", self._node("GlobalAveragePool", "average", value))

    def linear(self, name: str, value: str) -> str:
        return self._node("Gemm", name, value, f"{name}.weight", f"{name}.bias", transB=1)

    def _node(self, operation: str, output: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operation, list(inputs), [output], name=output, **attributes))
        return output
