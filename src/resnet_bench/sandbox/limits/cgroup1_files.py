"""The files of one sandbox in the version 1 hierarchies, read and written as the kernel defines them.

Shared by our own version 1 cages and by the containers that a container tool makes for us.
Kernel documentation: admin-guide/cgroup-v1 and scheduler/sched-bwc.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.cgroupfs import processes

_FREEZE_TIMEOUT_S = 2.0
_POLL_S = 0.0005
# What the kernel charges at once, at most: a huge page.
_MET_WITHIN_BYTES = 2 * 1024 * 1024


class Cgroup1Files:
    """Readings survive the folders: the last one is kept.

    ``folders_by_controller`` names one for ``cpu``, for ``memory`` and, where that hierarchy exists, for ``freezer``.
    """

    def __init__(self, folders_by_controller: Mapping[str, Path]) -> None:
        self.cpu, self.memory = folders_by_controller["cpu"], folders_by_controller["memory"]
        self.freezer = folders_by_controller.get("freezer")
        # One hierarchy may carry several controllers ("cpu,cpuacct"): the same folder then counts once.
        self.folders = tuple(dict.fromkeys(folders_by_controller.values()))
        self._killed = False
        self._peak: int | Skipped = Skipped("the sandbox was closed before its peak was read")

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        quota, period = self.cpu / "cpu.cfs_quota_us", self.cpu / "cpu.cfs_period_us"
        if cpu is None:
            _write(quota, -1)
            return
        if int(period.read_text()) != cpu.period_us:
            # The kernel checks quota over period against the parent's at each write, so a new period
            # beside the old quota may be refused: lift the quota in between.
            _write(quota, -1)
            _write(period, cpu.period_us)
        _write(quota, cpu.quota_us)

    def set_memory(self, memory_bytes: int) -> None:
        _write(self.memory / "memory.limit_in_bytes", memory_bytes)
        swap = self.memory / "memory.memsw.limit_in_bytes"  # absent without swap accounting
        if swap.exists():
            _write(swap, memory_bytes)  # memory and swap together: no swap; only valid after the line above

    def limits(self) -> tuple[int, int, int]:
        """Quota and period in microseconds, memory in bytes, as the kernel has them."""
        files = (
            self.cpu / "cpu.cfs_quota_us",
            self.cpu / "cpu.cfs_period_us",
            self.memory / "memory.limit_in_bytes",
        )
        quota, period, memory = (int(file.read_text()) for file in files)
        return quota, period, memory

    def holds(self, cpu: CpuAllowance | None, memory_bytes: int | None) -> bool:
        """Whether the kernel has these limits (``None``: whatever it has)."""
        quota_us, period_us, limit_bytes = self.limits()
        return memory_bytes in {None, limit_bytes} and cpu in {None, CpuAllowance(quota_us, period_us)}

    def writable(self) -> bool:
        """Whether this user may set the limits, and freeze."""
        wanted = (self.cpu / "cpu.cfs_quota_us", self.freezer and self.freezer / "freezer.state")
        return all(file is not None and os.access(file, os.W_OK) for file in wanted)

    def set_frozen(self, frozen: bool) -> None:
        """Returns when the kernel reports it done.

        Raises:
            SandboxError: it did not within two seconds, or there is no freezer.
        """
        if self.freezer is None:
            raise SandboxError("cgroup v1 is mounted here without its freezer")
        state = self.freezer / "freezer.state"
        state.write_text("FROZEN" if frozen else "THAWED")
        deadline = time.monotonic() + _FREEZE_TIMEOUT_S
        while frozen and state.read_text().strip() != "FROZEN":
            if time.monotonic() > deadline:
                raise SandboxError(f"the sandbox could not be frozen within {_FREEZE_TIMEOUT_S:.0f} s: {state}")
            time.sleep(_POLL_S)

    def processes(self) -> list[int]:
        return processes(str(self.memory))

    def peak_memory_bytes(self) -> int | Skipped:
        with suppress(OSError):  # gone with its last process
            self._peak = int((self.memory / "memory.max_usage_in_bytes").read_text())
        return self._peak

    def memory_killed(self) -> bool:
        with suppress(OSError):
            fields = dict(line.split() for line in (self.memory / "memory.oom_control").read_text().splitlines())
            # Kills alone may be for want of memory further up; memory.failcnt, which tells, is no longer kept (6.18).
            peak_bytes, limit_bytes = (
                int((self.memory / name).read_text()) for name in ("memory.max_usage_in_bytes", "memory.limit_in_bytes")
            )
            met = limit_bytes - peak_bytes < _MET_WITHIN_BYTES
            self._killed = met and int(fields.get("oom_kill", "0")) > 0
        return self._killed


def _write(file: Path, value: int) -> None:
    """Raises ``OSError`` with the file's name in it, which a failed ``write`` alone lacks."""
    try:
        file.write_text(str(value))
    except OSError as error:
        error.filename = str(file)
        raise
