"""The files of one version 2 cgroup folder, read and written as the kernel defines them.

Shared by our own version 2 cages and by those that systemd makes for us.
Kernel documentation: admin-guide/cgroup-v2.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.cgroupfs import processes

_FREEZE_TIMEOUT_S = 2.0
_POLL_S = 0.0005


class Cgroup2Files:
    """Readings survive the folder: the last one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folders = (folder,)
        self._peak: int | Skipped = Skipped("the sandbox was closed before its peak was read")
        self._killed = False

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        self.write("cpu.max", "max" if cpu is None else f"{cpu.quota_us} {cpu.period_us}")

    def set_memory(self, memory_bytes: int) -> None:
        self.write("memory.max", str(memory_bytes))
        if (self.folder / "memory.swap.max").exists():  # absent without swap accounting
            self.write("memory.swap.max", "0")

    def set_frozen(self, frozen: bool) -> None:
        """Returns when the kernel reports it done.

        Raises:
            SandboxError: it did not within two seconds.
        """
        wanted = str(int(frozen))
        self.write("cgroup.freeze", wanted)
        deadline = time.monotonic() + _FREEZE_TIMEOUT_S
        while self._fields("cgroup.events").get("frozen") != wanted:
            if time.monotonic() > deadline:
                raise SandboxError(f"the sandbox's frozen state did not become {wanted}: {self.folder}")
            time.sleep(_POLL_S)

    def limits(self) -> tuple[str, str]:
        """``cpu.max`` and ``memory.max`` as the kernel has them."""
        return (self.folder / "cpu.max").read_text().strip(), (self.folder / "memory.max").read_text().strip()

    def holds(self, cpu: CpuAllowance | None, memory_bytes: int | None) -> bool:
        """Whether the kernel has these limits (``None``: whatever it has)."""
        wanted = (
            None if cpu is None else f"{cpu.quota_us} {cpu.period_us}",
            None if memory_bytes is None else str(memory_bytes),
        )
        try:
            return all(want in {None, got} for want, got in zip(wanted, self.limits(), strict=True))
        except FileNotFoundError:  # without the controller
            return False

    def writable(self) -> bool:
        """Whether this user may set the limits, and freeze."""
        return all(os.access(self.folder / name, os.W_OK) for name in ("cpu.max", "cgroup.freeze"))

    def processes(self) -> list[int]:
        """Those of the folders below, too: a container's own runtime may have put it into one."""
        return [pid for folder, _, _ in os.walk(self.folder) for pid in processes(folder)]

    def peak_memory_bytes(self) -> int | Skipped:
        try:
            self._peak = int((self.folder / "memory.peak").read_text())
        except OSError:
            if self.folder.exists():
                self._peak = Skipped("this kernel keeps no memory.peak (Linux 5.19 or later does)")
        return self._peak

    def memory_killed(self) -> bool:
        with suppress(OSError):  # the folder is gone
            events = self._fields("memory.events")
            # "oom" counts what this limit has brought about; kills alone may be for want of memory further up.
            self._killed = all(int(events.get(name, "0")) > 0 for name in ("oom", "oom_kill"))
        return self._killed

    def write(self, name: str, value: str) -> None:
        """Raises ``OSError`` with the file's name in it, which a failed ``write`` alone lacks."""
        file = self.folder / name
        try:
            file.write_text(value)
        except OSError as error:
            error.filename = str(file)
            raise

    def _fields(self, name: str) -> dict[str, str]:
        return dict(line.split() for line in (self.folder / name).read_text().splitlines())
