"""Limits by control groups version 2, in a place of the hierarchy that this process may write to.

The place is the nearest folder at or above our own that passes ``cpu`` and ``memory`` on to its children: below
a user's ``user@.service``, in a container with a writable hierarchy, or as root. Two of the kernel's rules decide
(admin-guide/cgroup-v2): a folder that holds processes cannot pass controllers on, except for the real root ("no
internal processes"); and moving a process needs write access to the common ancestor of both folders.
"""

from __future__ import annotations

import os
from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import PERIOD_US, CpuAllowance
from resnet_bench.sandbox.cgroupfs import remove_cgroups
from resnet_bench.sandbox.janitor import janitor
from resnet_bench.sandbox.limits.base import Entry, Leftovers, OwnProcess
from resnet_bench.sandbox.limits.cgroup2_files import Cgroup2Files
from resnet_bench.sandbox.limits.mounts import Hierarchy, find_v2
from resnet_bench.sandbox.limits.naming import cage_name
from resnet_bench.units import MIB

_NEEDED = frozenset({"cpu", "memory"})
_HINT = "run under systemd-run --user --scope -p Delegate=yes, as root, or with another --limiter"


class CgroupV2:
    enforcement = Enforcement(
        mechanism="cgroup-v2",
        cpu_limited=True,
        memory_limited=True,
        description="cgroup v2: cpu.max with a 20 ms period, memory.max that kills, no swap",
    )

    def __init__(self, hierarchy: Hierarchy | None = None) -> None:
        """``hierarchy``: mount point and own position; found in ``/proc/self`` if not given."""
        self._hierarchy = hierarchy

    def unavailable(self) -> Skipped | None:
        """Makes a cage with limits, reads them back and removes it."""
        try:
            cage = self.cage("probe", cpu=CpuAllowance(PERIOD_US // 10), memory_bytes=64 * MIB)
        except SandboxError as error:
            return Skipped(error.message)
        try:
            got = cage.files.limits()
        finally:
            cage.close()
        wanted = (f"{PERIOD_US // 10} {PERIOD_US}", str(64 * MIB))
        return None if got == wanted else Skipped(f"cgroup v2 limits did not hold: wrote {wanted}, read {got}")

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> CgroupV2Cage:
        hierarchy = self._hierarchy or find_v2()
        if hierarchy is None:
            raise SandboxError("cgroup v2 is not mounted here", _HINT)
        folder = find_place(hierarchy) / cage_name(label)
        # First: Ctrl-C may come right after the folder is there.
        janitor().register("cgroup", folder)
        try:
            folder.mkdir()
        except OSError as error:
            janitor().forget("cgroup", folder)
            raise SandboxError(f"cgroup v2 refused: {error.strerror}: {folder}", _HINT) from error
        cage = CgroupV2Cage(folder)
        try:
            cage.files.set_cpu(cpu)
            if memory_bytes is not None:
                cage.files.set_memory(memory_bytes)
        except OSError as error:
            cage.close()
            raise SandboxError(f"cgroup v2 refused: {error.strerror}: {error.filename}", _HINT) from error
        return cage


def find_place(hierarchy: Hierarchy) -> Path:
    """The folder below which cages can be made.

    Raises:
        SandboxError: there is none; the message says what stood in the way, nearest folder first.
    """
    reasons = []
    levels = (hierarchy.own, *hierarchy.own.parents)
    for folder in levels[: levels.index(hierarchy.mount) + 1]:
        reason = _obstacle(folder)
        if reason is None:
            return folder
        reasons.append(f"{folder}: {reason}")
    # The reason at the top of the hierarchy holds for everybody; the others are usually the rule, not the fault.
    raise SandboxError(reasons[-1], _HINT)


def _obstacle(folder: Path) -> str | None:
    """Why cages cannot be made below the folder; ``None`` once it passes the controllers on."""
    missing = _NEEDED - set((folder / "cgroup.controllers").read_text().split())
    if missing:
        return f"no {' and '.join(sorted(missing))} controller here"
    if not os.access(folder, os.W_OK) or not os.access(folder / "cgroup.procs", os.W_OK):
        return "not writable by this user"
    wanting = _NEEDED - set((folder / "cgroup.subtree_control").read_text().split())
    if not wanting:
        return None
    try:
        (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in sorted(wanting)))
    except OSError as error:
        return f"it does not pass {' and '.join(sorted(wanting))} on ({error.strerror})"
    return None


class CgroupV2Cage(OwnProcess):
    def __init__(self, folder: Path) -> None:
        self.files = Cgroup2Files(folder)
        self.entry = Entry(procs_files=(folder / "cgroup.procs",))
        self.leftovers = Leftovers(cgroups=(folder,))

    def attach(self, pid: int) -> None:
        """Nothing to do: the child enters by itself."""

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        try:
            self.files.set_cpu(cpu)
        except OSError as error:
            raise SandboxError(f"the CPU limit could not be set: {error.strerror}: {error.filename}") from error

    def freeze(self) -> None:
        self.files.set_frozen(True)

    def thaw(self) -> None:
        self.files.set_frozen(False)

    def peak_memory_bytes(self) -> int | Skipped:
        return self.files.peak_memory_bytes()

    def memory_killed(self) -> bool:
        return self.files.memory_killed()

    def close(self) -> None:
        self.peak_memory_bytes()
        self.memory_killed()
        if remove_cgroups((str(self.files.folder),)):
            raise SandboxError(f"the cgroup folder could not be removed: {self.files.folder}")
        janitor().forget("cgroup", self.files.folder)
