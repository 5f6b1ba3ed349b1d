"""Exports from the outside: a child process for each, watched, and ended with this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import msgspec

from resnet_bench.errors import EngineError
from resnet_bench.inference.exports.child import Made, Outcome, Task
from resnet_bench.progress import Progress


def run(task: Task, what: str, progress: Progress) -> Made:
    """Do ``task``; ``what`` names it for people.

    Raises:
        EngineError: it failed.
        OSError: it could not read or write the model's files.
    """
    # -P: the current folder may hold a file called onnx.py.
    command = [sys.executable, "-P", "-m", f"{__package__}.child", msgspec.json.encode(task).decode(), str(os.getpid())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            out, err = _wait(child, what, progress)
        except BaseException:
            child.kill()
            raise
    try:
        outcome = msgspec.json.decode(out, type=Outcome)
    except msgspec.DecodeError:
        outcome = Outcome(error=_death(child.returncode, err))
    if outcome.errno is not None:
        raise OSError(outcome.errno, outcome.error)
    if outcome.made is None:
        hint = outcome.hint or "run it again; another --engine may do without"
        raise EngineError(f"{what} failed: {outcome.error}", hint)
    return outcome.made


def _wait(child: subprocess.Popen[bytes], what: str, progress: Progress) -> tuple[bytes, bytes]:
    """The libraries do not tell how far they are; so the user sees at least that time passes."""
    begun_s = time.monotonic()
    while True:
        try:
            return child.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            progress.step(f"{what}: {time.monotonic() - begun_s:.0f} s, of 3 to 10 as a rule")


def _death(status: int, stderr: bytes) -> str:
    if status == -signal.SIGKILL:
        return "it was killed, probably for want of memory (it takes about 1 GB)"
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {status}"
