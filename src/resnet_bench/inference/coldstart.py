"""When this process began, for the anatomy of a cold start. Imports nothing heavy: a process calls it first of all."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import NamedTuple


class Start(NamedTuple):
    """``interpreter_s``: from the program's start to this package's first line, in seconds, ``None`` if unknown.
    ``begun_s``: that first line's moment on ``time.perf_counter``."""

    interpreter_s: float | None
    begun_s: float


def mark() -> Start:
    """Call it in a process's first line, before its heavy imports.

    Until ``loaded`` Python collects no garbage: imports make tens of thousands of objects and hardly any garbage,
    and looking for it again and again is a twentieth of the start.
    """
    start = Start(process_age_s(), time.perf_counter())
    gc.disable()
    return start


def loaded() -> None:
    """What is there now stays: the collector begins to work, and never looks at it (``gc.freeze``)."""
    gc.freeze()
    gc.enable()


def process_age_s(stat: Path = Path("/proc/self/stat")) -> float | None:
    """Seconds since this process's program was started, or ``None`` where nothing tells.

    Under this project's launcher that is the moment before exec, which the launcher hands on (CLOCK_MONOTONIC).
    Elsewhere, as on Lambda, it is the kernel's record of the fork: ``starttime``, field 22 of ``/proc/self/stat``
    (proc(5)), in clock ticks since boot, so as coarse as a tick (10 ms).
    """
    started_ns = os.environ.get("RESNET_BENCH_STARTED_NS", "")
    if started_ns.isdecimal():
        return max(0.0, (time.monotonic_ns() - int(started_ns)) / 1e9)
    try:
        text = stat.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The second field is the program's name in brackets and may hold anything, blanks and brackets too.
    fields = text[text.rindex(")") + 1 :].split()
    started_s = int(fields[22 - 3]) / os.sysconf("SC_CLK_TCK")
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started_s)
