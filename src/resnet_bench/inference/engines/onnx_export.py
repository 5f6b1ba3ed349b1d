"""The one-time export of the torch model to ONNX, and the proof that both answer alike."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import EngineError
from resnet_bench.inference.engines import onnx_engine, torch_engine
from resnet_bench.inference.model import ExportCheck

if TYPE_CHECKING:
    from torch.nn import Module

TOLERANCE = 1e-4
_INPUTS = 4
_SHAPE = (1, 3, 224, 224)


def export(weights: Path, target: Path) -> ExportCheck:
    """See ``Exporter.export``."""
    import onnxruntime
    import torch

    network = torch_engine.with_weights(torch_engine.empty_network(), weights)
    try:
        with _quiet():
            # ``dynamo`` is left at each torch version's own default: the exporter that this version tests best.
            torch.onnx.export(
                network,
                (torch.zeros(_SHAPE),),
                str(target),
                input_names=[onnx_engine.INPUT],
                output_names=["logits"],
                external_data=False,
            )
    except (RuntimeError, ImportError, ValueError, TypeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EngineError(f"torch {torch.__version__} cannot export to ONNX: {reason}", "use --engine torch") from error
    difference, same = _compare(network, target)
    if difference > TOLERANCE or not same:
        raise EngineError(
            f"the exported model differs from torch: logits by {difference:.1e} (limit {TOLERANCE:.0e}), "
            f"top 5 {'the same' if same else 'different'}",
            "use --engine torch",
        )
    return ExportCheck(
        inputs_count=_INPUTS,
        max_logit_difference=difference,
        same_top5=same,
        versions={"torch": str(torch.__version__), "onnxruntime": onnxruntime.__version__},
    )


def _compare(network: Module, target: Path) -> tuple[float, bool]:
    """The largest difference between two logits, and whether all top fives agree, on seeded inputs."""
    import torch

    session = onnx_engine.session(str(target), torch.get_num_threads())
    difference, same = 0.0, True
    for batch in _inputs():
        with torch.inference_mode():
            expected = network(torch.from_numpy(batch)).numpy()
        found = session.run(None, {onnx_engine.INPUT: batch})[0]
        difference = max(difference, float(np.abs(expected - found).max()))
        same = same and np.array_equal(_top5(expected), _top5(found))
    return difference, same


def _inputs() -> Iterator[NDArray[np.float32]]:
    """Noise at several contrasts, in the range of normalised images."""
    random = np.random.default_rng(0)
    for contrast in np.linspace(0.25, 1.0, _INPUTS):
        yield (random.standard_normal(_SHAPE) * contrast).astype(np.float32)


def _top5(logits: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.argsort(-logits[0], kind="stable")[:5]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No output of the exporter: it prints its progress, warns about itself and logs through the root logger."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
