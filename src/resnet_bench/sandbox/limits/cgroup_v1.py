"""Limits by control groups version 1: ``cpu`` and ``memory`` hierarchies, ``freezer`` where there is one.

Each cage is one folder in each hierarchy, below this process's own, so that limits set further up go on to hold.
"""

from __future__ import annotations

from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import PERIOD_US, CpuAllowance
from resnet_bench.sandbox.cgroupfs import remove_cgroups
from resnet_bench.sandbox.janitor import janitor
from resnet_bench.sandbox.limits.base import Entry, Leftovers, OwnProcess
from resnet_bench.sandbox.limits.cgroup1_files import Cgroup1Files
from resnet_bench.sandbox.limits.mounts import find_v1
from resnet_bench.sandbox.limits.naming import cage_name
from resnet_bench.sandbox.session import resume_session, stop_session
from resnet_bench.units import MIB


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
            got = cage.files.limits()
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


class CgroupV1Cage(OwnProcess):
    def __init__(self, folders: dict[str, Path]) -> None:
        self.files = Cgroup1Files(folders)
        self.entry = Entry(procs_files=tuple(folder / "cgroup.procs" for folder in self.files.folders))
        self.leftovers = Leftovers(cgroups=self.files.folders)
        self._pid: int | None = None

    def make(self, cpu: CpuAllowance | None, memory_bytes: int | None) -> None:
        for folder in self.files.folders:
            # First: Ctrl-C may come right after the folder is there.
            janitor().register("cgroup", folder)
            folder.mkdir()
        self.files.set_cpu(cpu)
        if memory_bytes is not None:
            self.files.set_memory(memory_bytes)

    def attach(self, pid: int) -> None:
        self._pid = pid

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        try:
            self.files.set_cpu(cpu)
        except OSError as error:
            raise SandboxError(
                f"the CPU limit could not be set: {error.strerror}: {error.filename}",
                "a limit further up (of a container, for instance) may be lower than this one",
            ) from error

    def freeze(self) -> None:
        if self.files.freezer is not None:
            self.files.set_frozen(True)
        elif self._pid is not None:
            stop_session(self._pid)

    def thaw(self) -> None:
        if self.files.freezer is not None:
            self.files.set_frozen(False)
        elif self._pid is not None:
            resume_session(self._pid)

    def peak_memory_bytes(self) -> int | Skipped:
        return self.files.peak_memory_bytes()

    def memory_killed(self) -> bool:
        return self.files.memory_killed()

    def close(self) -> None:
        self.peak_memory_bytes()
        self.memory_killed()
        left = remove_cgroups(tuple(map(str, self.files.folders)))
        if left:
            raise SandboxError(f"cgroup folders could not be removed: {', '.join(left)}")
        for folder in self.files.folders:
            janitor().forget("cgroup", folder)
