"""The processor's name. Lambda imports this module: standard library only."""

from __future__ import annotations

import platform
from pathlib import Path


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's own name where the kernel gives it (x86), else its architecture (most ARM machines)."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (" ".join(line.partition(":")[2].split()) for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
