"""The torch engine's weights: batch normalisation folded, as safetensors, which torch maps."""

from __future__ import annotations

from pathlib import Path

from resnet_bench.inference import checkpoint
from resnet_bench.inference.engines import WEIGHTS, torch_engine
from resnet_bench.inference.exports.child import Made
from resnet_bench.inference.exports.folding import folded
from resnet_bench.inference.exports.reference import compare
from resnet_bench.inference.model import Model


def make(model: Model, target: Path, _samples: tuple[str, ...]) -> Made:
    """See ``child.Exporter``."""
    import torch
    from safetensors.numpy import load_file

    weights = model.path(WEIGHTS)
    file = target / torch_engine.FILE
    checkpoint.write(folded(load_file(weights)), file)
    engine = torch_engine.TorchEngine(torch_engine.read_network(file), torch.get_num_threads(), None)
    return Made(checks={file.name: compare(weights, engine.run, engine.versions)})
