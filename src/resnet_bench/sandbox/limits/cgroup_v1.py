"""Limits by control groups version 1: ``cpu`` and ``memory`` hierarchies, ``freezer`` where there is one.

Each cage is one folder in each hierarchy, below this process's own, so that limits set further up go on to hold.
Kernel documentation: admin-guide/cgroup-v1 and scheduler/sched-bwc.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import PERIOD_US, CpuAllowance
from resnet_bench.sandbox.cgroupfs import remove_cgroups
from resnet_bench.sandbox.janitor import janitor
from resnet_bench.sandbox.limits.base import Entry, Leftovers
from resnet_bench.sandbox.limits.mounts import find_v1
from resnet_bench.sandbox.limits.naming import cage_name
from resnet_bench.sandbox.session import resume_session, stop_session
from resnet_bench.units import MIB

_FREEZE_TIMEOUT_S = 2.0
_POLL_S = 0.0005


class CgroupV1:
    enforcement = Enforcement(
        mechanism="cgroup-v1",
        cpu_limited=True,
        memory_limited=True,
        description="cgroup v1: CFS quota with a 20 ms period, memory limit that kills",
    )

    def __init__(self, proc: Path = Path("/proc/self")) -> None:
        self._proc = proc

    def unavailable(self) -> Skipped | None:
        """Makes a cage with limits, reads them back and removes it."""
        asked = CpuAllowance(PERIOD_US // 10)
        try:
            cage = self.cage("probe", cpu=asked, memory_bytes=64 * MIB)
        except SandboxError as error:
            return Skipped(error.message)
        try:
            got = cage.limits()
        finally:
            cage.close()
        wanted = (asked.quota_us, asked.period_us, 64 * MIB)
        return None if got == wanted else Skipped(f"cgroup v1 limits did not hold: wrote {wanted}, read {got}")

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> CgroupV1Cage:
        parents = {name: find_v1(name, self._proc) for name in ("cpu", "memory", "freezer")}
        name = cage_name(label)
        folders = {controller: place.own / name for controller, place in parents.items() if place is not None}
        missing = [controller for controller in ("cpu", "memory") if controller not in folders]
        if missing:
            raise SandboxError(f"cgroup v1 is not mounted here with: {', '.join(missing)}")
        cage = CgroupV1Cage(folders)
        try:
            cage.make(cpu, memory_bytes)
        except OSError as error:
            cage.close()
            raise SandboxError(
                f"cgroup v1 refused: {error.strerror}: {error.filename}",
                "root may make them, if no limit further up is lower; --limiter chooses another mechanism",
            ) from error
        return cage


class CgroupV1Cage:
    def __init__(self, folders: dict[str, Path]) -> None:
        self._cpu, self._memory = folders["cpu"], folders["memory"]
        self._freezer = folders.get("freezer")
        # One hierarchy may carry several controllers ("cpu,cpuacct"): the same folder is then made once.
        self._folders = tuple(dict.fromkeys(folders.values()))
        self.entry = Entry(procs_files=tuple(folder / "cgroup.procs" for folder in self._folders))
        self.leftovers = Leftovers(cgroups=self._folders)
        self._pid: int | None = None
        self._killed = False
        self._peak: int | Skipped = Skipped("the sandbox was closed before its peak was read")

    def make(self, cpu: CpuAllowance | None, memory_bytes: int | None) -> None:
        for folder in self._folders:
            # First: Ctrl-C may come right after the folder is there.
            janitor().register("cgroup", folder)
            folder.mkdir()
        self._write_cpu(cpu)
        if memory_bytes is not None:
            _write(self._memory / "memory.limit_in_bytes", memory_bytes)
            swap = self._memory / "memory.memsw.limit_in_bytes"  # absent without swap accounting
            if swap.exists():
                _write(swap, memory_bytes)  # memory and swap together: no swap; only valid after the line above

    def limits(self) -> tuple[int, int, int]:
        """Quota and period in microseconds, memory in bytes, as the kernel has them."""
        files = (
            self._cpu / "cpu.cfs_quota_us",
            self._cpu / "cpu.cfs_period_us",
            self._memory / "memory.limit_in_bytes",
        )
        quota, period, memory = (int(file.read_text()) for file in files)
        return quota, period, memory

    def attach(self, pid: int) -> None:
        self._pid = pid

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        try:
            self._write_cpu(cpu)
        except OSError as error:
            raise SandboxError(
                f"the CPU limit could not be set: {error.strerror}: {error.filename}",
                "a limit further up (of a container, for instance) may be lower than this one",
            ) from error

    def _write_cpu(self, cpu: CpuAllowance | None) -> None:
        quota, period = self._cpu / "cpu.cfs_quota_us", self._cpu / "cpu.cfs_period_us"
        if cpu is None:
            _write(quota, -1)
            return
        if int(period.read_text()) != cpu.period_us:
            # The kernel checks quota over period against the parent's at each write, so a new period
            # beside the old quota may be refused: lift the quota in between.
            _write(quota, -1)
            _write(period, cpu.period_us)
        _write(quota, cpu.quota_us)

    def freeze(self) -> None:
        if self._freezer is None:
            if self._pid is not None:
                stop_session(self._pid)
            return
        state = self._freezer / "freezer.state"
        deadline = time.monotonic() + _FREEZE_TIMEOUT_S
        state.write_text("FROZEN")
        while state.read_text().strip() != "FROZEN":
            if time.monotonic() > deadline:
                raise SandboxError(f"the sandbox could not be frozen within {_FREEZE_TIMEOUT_S:.0f} s: {state}")
            time.sleep(_POLL_S)

    def thaw(self) -> None:
        if self._freezer is None:
            if self._pid is not None:
                resume_session(self._pid)
        else:
            (self._freezer / "freezer.state").write_text("THAWED")

    def peak_memory_bytes(self) -> int | Skipped:
        with suppress(FileNotFoundError):
            self._peak = int((self._memory / "memory.max_usage_in_bytes").read_text())
        return self._peak

    def memory_killed(self) -> bool:
        with suppress(FileNotFoundError):
            fields = dict(line.split() for line in (self._memory / "memory.oom_control").read_text().splitlines())
            self._killed = int(fields.get("oom_kill", "0")) > 0
        return self._killed

    def close(self) -> None:
        self.peak_memory_bytes()
        self.memory_killed()
        left = remove_cgroups(tuple(map(str, self._folders)))
        if left:
            raise SandboxError(f"cgroup folders could not be removed: {', '.join(left)}")
        for folder in self._folders:
            janitor().forget("cgroup", folder)


def _write(file: Path, value: int) -> None:
    """Raises ``OSError`` with the file's name in it, which a failed ``write`` alone lacks."""
    try:
        file.write_text(str(value))
    except OSError as error:
        error.filename = str(file)
        raise
