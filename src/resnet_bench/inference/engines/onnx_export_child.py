"""Exports the torch model to ONNX and proves that both answer alike: ``python -m <this> WEIGHTS TARGET``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.inference.engines import onnx_engine, torch_engine
from resnet_bench.inference.engines.onnx_export import Outcome
from resnet_bench.inference.model import ExportCheck

if TYPE_CHECKING:
    from torch.nn import Module

TOLERANCE = 1e-4
_INPUTS = 4
_SHAPE = (1, 3, 224, 224)


def export(weights: Path, target: Path) -> ExportCheck:
    """Write ``target``.

    Raises:
        EngineError: the result does not answer as torch does.
        Exception: whatever torch's exporter raises, which is of no one class.
    """
    import onnxruntime
    import torch

    network = torch_engine.with_weights(torch_engine.empty_network(), weights)
    # ``dynamo`` is left at the installed version's own default: the exporter which that version tests best.
    torch.onnx.export(
        network,
        (torch.zeros(_SHAPE),),
        str(target),
        input_names=[onnx_engine.INPUT],
        output_names=["logits"],
        external_data=False,
    )
    versions = {"torch": str(torch.__version__), "onnxruntime": onnxruntime.__version__}
    return compare(network, target, versions)


def compare(network: Module, target: Path, versions: dict[str, str]) -> ExportCheck:
    """Both networks on seeded inputs.

    Raises:
        EngineError: a logit differs by more than ``TOLERANCE``, or a top five differs.
    """
    import torch

    session = onnx_engine.session(str(target), torch.get_num_threads())
    difference, same = 0.0, True
    for batch in _inputs():
        with torch.inference_mode():
            expected = network(torch.from_numpy(batch)).numpy()
        found = session.run(None, {onnx_engine.INPUT: batch})[0]
        difference = max(difference, float(np.abs(expected - found).max()))
        same = same and np.array_equal(_top5(expected), _top5(found))
    if difference > TOLERANCE or not same:
        raise EngineError(
            f"the exported model differs from torch: logits by {difference:.1e} (limit {TOLERANCE:.0e}), "
            f"top 5 {'the same' if same else 'different'}"
        )
    return ExportCheck(inputs_count=_INPUTS, max_logit_difference=difference, same_top5=same, versions=versions)


def _inputs() -> Iterator[NDArray[np.float32]]:
    """Noise at several contrasts, in the range of normalised images."""
    random = np.random.default_rng(0)
    for contrast in np.linspace(0.25, 1.0, _INPUTS):
        yield (random.standard_normal(_SHAPE) * contrast).astype(np.float32)


def _top5(logits: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.argsort(-logits[0], kind="stable")[:5]


def main() -> None:
    # The exporter prints to standard output, which belongs to the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        outcome = Outcome(check=export(Path(sys.argv[1]), Path(sys.argv[2])))
    except EngineError as error:
        outcome = Outcome(error=error.message)
    os.write(answer, msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
