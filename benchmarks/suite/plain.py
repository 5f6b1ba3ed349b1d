"""The plain design as a function of the emulated Lambda, with the weights that the engines have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from resnet_bench.emulator.function import Function
from resnet_bench.inference.engines import WEIGHTS
from resnet_bench.inference.model import Model

_FOLDER = Path(__file__).resolve().parents[1] / "plain"
# In a process of its own: torch stays out of the one that calls and emulates.
_CONVERT = "import sys, torch; from safetensors.torch import load_file; torch.save(load_file(sys.argv[1]), sys.argv[2])"


def plain_function(model: Model, folder: Path) -> Function:
    """``folder`` gets the weights as the state dict that the tutorials load."""
    weights = folder / "resnet50.pth"
    subprocess.run([sys.executable, "-c", _CONVERT, str(model.path(WEIGHTS)), str(weights)], check=True)
    return Function(
        "plain_handler.handler", name="plain", task_root=str(_FOLDER), variables={"MODEL_FILE": str(weights)}
    )
