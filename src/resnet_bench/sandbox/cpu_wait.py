"""How long a process's threads stood ready to run without getting a CPU: other programs' share in its times.

Lambda imports this module: standard library only.
"""

from __future__ import annotations

import os
from contextlib import suppress


def cpu_wait_s(pid: int | str = "self") -> float | None:
    """Summed over the threads that live now, since each began (kernel: scheduler/sched-stats, ``schedstat``, field 2).

    Time in which the process was stopped, frozen or asleep does not count. ``None`` where the kernel keeps no account.
    """
    total_ns, known = 0, False
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - read once a call, and pathlib costs as much again
            with suppress(OSError, IndexError, ValueError), open(f"/proc/{pid}/task/{task}/schedstat", "rb") as file:  # noqa: PTH123 - as above
                total_ns += int(file.read().split()[1])
                known = True
    return total_ns / 1e9 if known else None
