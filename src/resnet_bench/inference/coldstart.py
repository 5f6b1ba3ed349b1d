"""How old this process is, by the kernel's own record. Imports nothing heavy: a process calls it first of all."""

from __future__ import annotations

import os
import time
from pathlib import Path


def process_age_s(stat: Path = Path("/proc/self/stat")) -> float | None:
    """Seconds since this process was started, or ``None`` where there is no ``/proc``.

    ``starttime`` is field 22 of ``/proc/self/stat`` (proc(5)), in clock ticks since boot, so the result
    is as coarse as a tick (10 ms). It counts from the fork: a launcher that later calls exec is included.
    """
    try:
        text = stat.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The second field is the program's name in brackets and may hold anything, blanks and brackets too.
    fields = text[text.rindex(")") + 1 :].split()
    started_s = int(fields[22 - 3]) / os.sysconf("SC_CLK_TCK")
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started_s)
