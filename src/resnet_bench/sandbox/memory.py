"""A process's memory by the kernel's own account, read from ``/proc``.

The handler (on Lambda too), the local worker and the sandbox all use these, so that both sides are
measured by one definition. Lambda imports this module: standard library only.
"""

from __future__ import annotations

import os
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def rss_bytes(pid: int | str = "self") -> int:
    """Resident memory now, in bytes: anonymous, file-backed and shared pages (proc(5), ``statm``).

    Raises:
        OSError: no such process.
    """
    return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE_BYTES


def peak_rss_bytes(pid: int | str = "self") -> int:
    """The most that was ever resident since the last ``exec``, in bytes (proc(5), ``VmHWM``).

    A zombie has no memory any more and gives 0.

    Raises:
        OSError: no such process.
    """
    for line in Path(f"/proc/{pid}/status").read_bytes().splitlines():
        if line.startswith(b"VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> bool:
    """Let this process's ``peak_rss_bytes`` begin again from what is resident now; whether the kernel does that.

    Source: proc(5), ``/proc/pid/clear_refs``, value 5; it takes a kernel with CONFIG_PROC_PAGE_MONITOR.
    """
    try:
        Path("/proc/self/clear_refs").write_bytes(b"5")
    except OSError:
        return False
    return True


def available_bytes(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """What new programs can have before the machine swaps, by the kernel's estimate (proc(5), ``MemAvailable``).

    ``None`` where it makes none. A limit of this process's own cgroup may be lower.
    """
    try:
        lines = meminfo.read_bytes().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"MemAvailable:")), None)


def anonymous_bytes() -> int:
    """What is resident now and in no file, so that the kernel cannot take it back (proc(5), ``RssAnon``; Linux 4.5)."""
    for line in Path("/proc/self/status").read_bytes().splitlines():
        if line.startswith(b"RssAnon:"):
            return int(line.split()[1]) * 1024
    return rss_bytes()
