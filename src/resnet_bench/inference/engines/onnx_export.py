"""The export to ONNX, in a process of its own.

Exporting leaves 1.3 GB behind in a process, and torch's exporter prints, warns and logs by ways of its own. In a
child both end with it; what comes back is one JSON document.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from resnet_bench.errors import EngineError
from resnet_bench.inference.model import ExportCheck
from resnet_bench.progress import Progress

_HINT = "use --engine torch"


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What the child has to say: one of the two."""

    check: ExportCheck | None = None
    error: str | None = None


def export(weights: Path, target: Path, progress: Progress) -> ExportCheck:
    """See ``Exporter.export``."""
    # -P: the current folder may hold a file called onnx.py.
    command = [sys.executable, "-P", "-m", f"{__package__}.onnx_export_child", str(weights), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            out, err = _wait(child, f"exporting the model to {target.name} (once)", progress)
        except BaseException:
            child.kill()
            raise
    try:
        outcome = msgspec.json.decode(out, type=Outcome)
    except msgspec.DecodeError:
        outcome = Outcome(error=_death(child.returncode, err))
    if outcome.check is None:
        raise EngineError(f"the export to ONNX failed: {outcome.error}", _HINT)
    return outcome.check


def _wait(child: subprocess.Popen[bytes], what: str, progress: Progress) -> tuple[bytes, bytes]:
    """The exporter does not tell how far it is; so the user sees at least that time passes."""
    begun_s = time.monotonic()
    while True:
        try:
            return child.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            progress.step(f"{what}: {time.monotonic() - begun_s:.0f} s, of 10 to 30 as a rule")


def _death(status: int, stderr: bytes) -> str:
    if status == -signal.SIGKILL:
        return "it was killed, probably for want of memory (it takes about 1.5 GB)"
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {status}"
