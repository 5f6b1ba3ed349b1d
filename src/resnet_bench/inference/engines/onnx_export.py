"""The export to ONNX, in a process of its own.

Exporting leaves 1.3 GB behind in a process, and torch's exporter prints, warns and logs by ways of its own. In a
child both end with it; what comes back is one JSON document.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from resnet_bench.errors import EngineError
from resnet_bench.inference.model import ExportCheck

_HINT = "use --engine torch"


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What the child has to say: one of the two."""

    check: ExportCheck | None = None
    error: str | None = None


def export(weights: Path, target: Path) -> ExportCheck:
    """See ``Exporter.export``."""
    # -P: the current folder may hold a file called onnx.py.
    command = [sys.executable, "-P", "-m", f"{__package__}.onnx_export_child", str(weights), str(target)]
    done = subprocess.run(command, capture_output=True, check=False)
    try:
        outcome = msgspec.json.decode(done.stdout, type=Outcome)
    except msgspec.DecodeError:
        outcome = Outcome(error=_death(done))
    if outcome.check is None:
        raise EngineError(f"the export to ONNX failed: {outcome.error}", _HINT)
    return outcome.check


def _death(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode == -signal.SIGKILL:
        return "it was killed, probably for want of memory (it takes about 1.5 GB)"
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {done.returncode}"
