"""The limits seam: one way of holding a process to a CPU share and a memory limit.

A ``Limiter`` is a mechanism (cgroup v1, cgroup v2, ...); a ``Cage`` is one set of limits made with it, for
one sandbox. The order of calls is: ``limiter.cage(...)``, ``cage.entry``, child started, ``cage.attach(pid)``,
``cage.await_program(...)``, then any of ``set_cpu``/``freeze``/``thaw``/``peak_memory``, at last ``cage.close()``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.session import members


@dataclass(frozen=True)
class Program:
    """What a sandbox runs: a command, its whole environment, the CPUs that it may use (none given: all), and where."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cpus: tuple[int, ...] = ()
    cwd: Path | str | None = None


def _unchanged(program: Program) -> Program:
    return program


@dataclass(frozen=True)
class Entry:
    """What the child does before it becomes the sandboxed program.

    ``procs_files``: cgroup files into which it writes its own pid. ``prefix``: command to put before the
    launcher's (``systemd-run --user --scope ...``). ``wrap``: what the child executes in the program's place, asked for
    once (``podman run ...``, which starts the program elsewhere and stays as its stand-in).
    """

    procs_files: tuple[Path, ...] = ()
    prefix: tuple[str, ...] = ()
    wrap: Callable[[Program], Program] = _unchanged


@dataclass(frozen=True)
class Leftovers:
    """What a killed parent would leave behind, for the janitor: cgroup folders, innermost first, units, folders, and
    containers, each as its tool's path, a space and its name."""

    cgroups: tuple[Path, ...] = field(default=())
    units: tuple[str, ...] = field(default=())
    folders: tuple[Path, ...] = field(default=())
    containers: tuple[str, ...] = field(default=())


class Cage(Protocol):
    entry: Entry
    leftovers: Leftovers

    def attach(self, pid: int) -> None:
        """The child runs as process (and process group leader) ``pid``; begin to hold it to the limits."""
        ...

    def await_program(self, launched_ns: int) -> int:
        """Wait until the program itself runs; when it began, in CLOCK_MONOTONIC nanoseconds.

        ``launched_ns`` is when the child became what ``entry`` makes of the program. May be called from another thread
        than the rest; ``close`` ends it.

        Raises:
            SandboxError: the program did not begin.
        """
        ...

    def processes(self, pid: int) -> list[int]:
        """The program's processes now; ``pid`` is the child's."""
        ...

    def exit_code(self, code: int) -> int:
        """The program's exit status, negative for a signal, from the child's."""
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


class OwnProcess:
    """What is the same in every cage whose child becomes the program itself, in the session that it leads."""

    def await_program(self, launched_ns: int) -> int:
        return launched_ns

    def processes(self, pid: int) -> list[int]:
        return members(pid)

    def exit_code(self, code: int) -> int:
        return code


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
