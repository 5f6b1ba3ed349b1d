"""What a process and its descendants hold, by the kernel's account."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Held:
    """At one moment. ``rss_bytes``, descriptors and threads are of the program's own process; the rest of all."""

    at_s: float
    rss_bytes: int
    descriptors_count: int
    threads_count: int
    processes_count: int
    others_rss_bytes: int
    cgroups_count: int
    files_count: int


def held(pid: int, temporary: Path) -> Held:
    """``temporary`` is the program's folder for temporary files."""
    others = descendants(pid)
    return Held(
        at_s=time.monotonic(),
        rss_bytes=_status(pid, "VmRSS"),
        descriptors_count=_count(pid, "fd"),
        threads_count=_count(pid, "task"),
        processes_count=1 + len(others),
        others_rss_bytes=sum(_status(other, "VmRSS") for other in others),
        cgroups_count=sum(f"resnet-bench-{pid}-" in Path(folder).name for folder, _, _ in os.walk(_CGROUPS)),
        files_count=sum(1 for _ in temporary.rglob("*")),
    )


def descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in _PROC.iterdir():
        with suppress(OSError, ValueError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found, last = [], {pid}
    while last:
        last = {child for child, parent in parents.items() if parent in last}
        found += last
    return found


def _count(pid: int, folder: str) -> int:
    return sum(1 for _ in (_PROC / str(pid) / folder).iterdir())


def _status(pid: int, name: str) -> int:
    """In bytes; 0 of a process that has just ended."""
    with suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


@dataclass
class Watch:
    """Looks every ``every_s`` in a thread of its own, from entering to leaving."""

    pid: int
    temporary: Path
    every_s: float = 2.0
    seen: list[Held] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(self.every_s):
            with suppress(FileNotFoundError):  # the program has ended
                self.seen.append(held(self.pid, self.temporary))
