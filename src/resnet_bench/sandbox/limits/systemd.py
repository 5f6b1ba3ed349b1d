"""Limits by the user's own systemd: a transient scope unit, which is a version 2 cgroup that we did not have to make.

Manuals: systemd-run(1), systemd.resource-control(5).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import PERIOD_US, CpuAllowance
from resnet_bench.sandbox.cgroupfs import kill_cgroup
from resnet_bench.sandbox.limits.base import Entry, Leftovers, OwnProcess
from resnet_bench.sandbox.limits.cgroup2_files import Cgroup2Files
from resnet_bench.sandbox.limits.mounts import find_v2
from resnet_bench.sandbox.limits.naming import cage_name
from resnet_bench.units import MIB

_TIMEOUT_S = 10.0
# Prints the limits that the kernel holds the shell to: that the properties were accepted proves nothing
# where the user's systemd was not given the cpu controller.
_READ_BACK = 'folder=$1$(sed -n s/^0:://p /proc/self/cgroup) && cat "$folder/cpu.max" "$folder/memory.max"'


class Systemd:
    enforcement = Enforcement(
        mechanism="systemd",
        cpu_limited=True,
        memory_limited=True,
        description="systemd user scope: CPUQuota with a 20 ms period, MemoryMax that kills, no swap",
    )

    def unavailable(self) -> Skipped | None:
        """Runs a shell in a limited scope that reads its own limits."""
        hierarchy = find_v2()
        if hierarchy is None:
            return Skipped("cgroup v2 is not mounted here")
        prefix = scope_command(f"{cage_name('probe')}.scope", CpuAllowance(PERIOD_US // 10), 64 * MIB)
        try:
            printed = _run([*prefix, "/bin/sh", "-c", _READ_BACK, "sh", str(hierarchy.mount)])
        except SandboxError as error:
            return Skipped(error.message)
        wanted = f"{PERIOD_US // 10} {PERIOD_US}\n{64 * MIB}\n"
        return None if printed == wanted else Skipped(f"systemd's limits did not hold: the kernel has {printed!r}")

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> SystemdCage:
        return SystemdCage(f"{cage_name(label)}.scope", cpu, memory_bytes)


def scope_command(unit: str, cpu: CpuAllowance | None, memory_bytes: int | None) -> tuple[str, ...]:
    """``systemd-run`` up to where the program's own command follows; it becomes the program, with the same pid."""
    properties = [*_cpu_properties(cpu), "MemoryAccounting=yes"]
    if memory_bytes is not None:
        properties += [f"MemoryMax={memory_bytes}", "MemorySwapMax=0"]
    options = [f"--property={item}" for item in properties]
    return ("systemd-run", "--user", "--scope", "--quiet", "--collect", f"--unit={unit}", *options, "--")


def set_cpu_command(unit: str, cpu: CpuAllowance | None) -> tuple[str, ...]:
    return ("systemctl", "--user", "set-property", "--runtime", unit, *_cpu_properties(cpu))


def _cpu_properties(cpu: CpuAllowance | None) -> list[str]:
    if cpu is None:
        return ["CPUQuota="]
    # Tenths of a percent are the finest that every systemd since 240 reads.
    return [f"CPUQuota={cpu.share * 100:.1f}%", f"CPUQuotaPeriodSec={cpu.period_us}us"]


class SystemdCage(OwnProcess):
    def __init__(self, unit: str, cpu: CpuAllowance | None, memory_bytes: int | None) -> None:
        self._unit = unit
        self._files: Cgroup2Files | None = None
        self.entry = Entry(prefix=scope_command(unit, cpu, memory_bytes))
        self.leftovers = Leftovers(units=(unit,))

    def attach(self, pid: int) -> None:
        """Find the scope's folder: systemd chose its place."""
        hierarchy = find_v2(Path(f"/proc/{pid}"))
        if hierarchy is None or hierarchy.own.name != self._unit:
            raise SandboxError(f"process {pid} is not in its scope {self._unit}")
        self._files = Cgroup2Files(hierarchy.own)

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        _run(set_cpu_command(self._unit, cpu))

    def freeze(self) -> None:
        if self._files is not None:
            self._files.set_frozen(True)

    def thaw(self) -> None:
        if self._files is not None:
            self._files.set_frozen(False)

    def peak_memory_bytes(self) -> int | Skipped:
        return Skipped("the sandbox was never started") if self._files is None else self._files.peak_memory_bytes()

    def memory_killed(self) -> bool:
        return self._files is not None and self._files.memory_killed()

    def close(self) -> None:
        if self._files is None:
            return
        self.peak_memory_bytes()
        self.memory_killed()
        kill_cgroup(str(self._files.folder))
        if self._files.folder.exists():
            with suppress(SandboxError):  # an emptied scope removes itself, perhaps before we ask
                _run(("systemctl", "--user", "stop", self._unit))


def _run(command: Sequence[str]) -> str:
    """What the command printed.

    Raises:
        SandboxError: it is missing, failed or did not end.
    """
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
        )
    except OSError as error:
        raise SandboxError(f"{command[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"{command[0]} did not end within {_TIMEOUT_S:.0f} s") from error
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[0]
        raise SandboxError(f"{command[0]} failed: {reason}")
    return done.stdout
