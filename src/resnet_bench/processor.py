"""The processor: its name, and what it can do. Lambda imports this module: standard library only."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
# The first processor's paragraph is well within it; a machine with hundreds of CPUs has hundreds of paragraphs.
_FIRST_BYTES = 16_384


def cpu_model(cpuinfo: Path = _CPUINFO) -> str:
    """The processor's own name where the kernel gives it (x86), else its architecture (most ARM machines)."""
    return _first_processor(cpuinfo).get("model name") or platform.machine()


def cpu_flags(cpuinfo: Path = _CPUINFO) -> frozenset[str]:
    """The instruction sets that the kernel lets programs use, by Linux's names (``avx512_vnni``, ``asimddp``, ...).

    What a hypervisor hides is not in it. Empty where nothing tells.
    """
    found = _first_processor(cpuinfo)
    return frozenset((found.get("flags") or found.get("Features") or "").split())


@cache
def _first_processor(cpuinfo: Path) -> dict[str, str]:
    try:
        with cpuinfo.open("rb") as stream:
            text = stream.read(_FIRST_BYTES).decode(errors="replace")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), " ".join(value.split()))
    return found
