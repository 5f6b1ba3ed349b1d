"""The limits seam: one way of holding a process to a CPU share and a memory limit.

A ``Limiter`` is a mechanism (cgroup v1, cgroup v2, ...); a ``Cage`` is one set of limits made with it, for
one sandbox. The order of calls is: ``limiter.cage(...)``, ``cage.entry``, child started, ``cage.attach(pid)``,
then any of ``set_cpu``/``freeze``/``thaw``/``peak_memory``, at last ``cage.close()``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import CpuAllowance


@dataclass(frozen=True)
class Entry:
    """What the child does before it becomes the sandboxed program.

    ``procs_files``: cgroup files into which it writes its own pid. ``prefix``: command to put before the
    launcher's (``systemd-run --user --scope ...``).
    """

    procs_files: tuple[Path, ...] = ()
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leftovers:
    """What a killed parent would leave behind, for the janitor: cgroup folders, innermost first, and units."""

    cgroups: tuple[Path, ...] = field(default=())
    units: tuple[str, ...] = field(default=())


class Cage(Protocol):
    entry: Entry
    leftovers: Leftovers

    def attach(self, pid: int) -> None:
        """The child runs as process (and process group leader) ``pid``; begin to hold it to the limits."""
        ...

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        """Change the CPU limit of the running sandbox; ``None`` lifts it."""
        ...

    def freeze(self) -> None:
        """Stop every process of the sandbox, as Lambda does between invocations."""
        ...

    def thaw(self) -> None: ...

    def peak_memory_bytes(self) -> int | Skipped:
        """The kernel's peak for the whole sandbox since it began, page cache included."""
        ...

    def memory_killed(self) -> bool:
        """Whether the memory limit has killed a process in here."""
        ...

    def close(self) -> None:
        """Kill what still runs in here and remove every trace of it. May be called twice."""
        ...


class Limiter(Protocol):
    """A mechanism. ``enforcement`` is what captions print about it."""

    enforcement: Enforcement

    def unavailable(self) -> Skipped | None:
        """Try it for real on an empty cage; the reason why it cannot be used here, or ``None``."""
        ...

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> Cage:
        """A new cage. ``None`` limits only account.

        Raises:
            SandboxError: the mechanism refused.
        """
        ...
