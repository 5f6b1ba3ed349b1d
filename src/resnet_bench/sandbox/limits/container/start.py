"""When a container's program began: its first process is found, and watched until it becomes the program.

The tool first makes the container (layers, mounts, namespaces), with a process of the runtime's in it that waits; then
it lets that process become the program. All before is Lambda's provisioning, and the program's time begins there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from resnet_bench.container.tools import Tool, ask
from resnet_bench.errors import ContainerError, SandboxError
from resnet_bench.sandbox.limits.container.command import Plan
from resnet_bench.sandbox.session import is_running

# A store without layers (vfs) copies the whole image for each container.
_MAKE_TIMEOUT_S = 120.0
_LOOK_S = 0.002
# By its command name (proc(5), ``comm``), a process that is still the runtime's: runc's, crun's, youki's.
_RUNTIMES = ("runc", "crun", "youki")


def await_pid(tool: Tool, plan: Plan, client: int, closed: Callable[[], bool]) -> int:
    """The container's first process, as soon as the tool tells. ``client`` is the tool's own process.

    Raises:
        SandboxError: the tool ended without a container, took two minutes, or was ``closed``.
    """
    deadline = time.monotonic() + _MAKE_TIMEOUT_S
    while time.monotonic() < deadline and not closed():
        running = is_running(client)
        pid = _by_asking(tool, plan.name) if plan.pid_file is None else _by_file(plan.pid_file)
        if pid:
            return pid
        if not running:
            raise SandboxError(
                f"{tool.name} could not start the container", f"{tool.name} says why in the function's log"
            )
        time.sleep(_LOOK_S)
    raise SandboxError(
        "the sandbox was closed while it started"
        if closed()
        else f"{tool.name} did not start the container within {_MAKE_TIMEOUT_S:.0f} s"
    )


def _by_file(pid_file: Path) -> int:
    """Podman's monitor writes it before the program runs; 0 until then."""
    try:
        return int(pid_file.read_text() or 0)
    except FileNotFoundError:
        return 0


def _by_asking(tool: Tool, name: str) -> int:
    """Docker tells only once the program runs; 0 until then."""
    try:
        return int(ask(tool, ["inspect", "--format={{.State.Pid}}", name], doing="starting the container") or 0)
    except ContainerError:  # there is none of that name yet
        return 0


def await_exec(pid: int, proc: Path = Path("/proc")) -> int:
    """When the process became the program, in CLOCK_MONOTONIC nanoseconds.

    Where its waiting is seen, within 2 ms. Otherwise the kernel's record of when the process was made, in clock ticks
    of 10 ms, which is some tens of milliseconds earlier (``starttime``, proc(5)).
    """
    if _is_runtimes(pid, proc):
        while _is_runtimes(pid, proc):
            time.sleep(_LOOK_S)
        return time.monotonic_ns()
    try:
        text = (proc / str(pid) / "stat").read_text(errors="replace")
    except OSError:  # it has ended already, between two looks
        return time.monotonic_ns()
    # The second field is the program's name in brackets and may hold anything, blanks and brackets too.
    ticks = int(text.rpartition(")")[2].split()[22 - 3])
    since_boot_ns = ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return since_boot_ns - (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns())


def _is_runtimes(pid: int, proc: Path) -> bool:
    try:
        return (proc / str(pid) / "comm").read_text(errors="replace").startswith(_RUNTIMES)
    except OSError:
        return False
