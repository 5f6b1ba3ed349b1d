"""What the sandbox tests share: programs to run in a sandbox, and how to look at it from outside."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO

import pytest

from resnet_bench.sandbox.allowance import Allowance, CpuAllowance
from resnet_bench.sandbox.limits import LIMITERS
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.process import DEVNULL, Sandbox
from resnet_bench.sandbox.throttler import process_cpu_s
from resnet_bench.units import MIB

SPIN = "while True: pass"
SLEEP = "import time; time.sleep(600)"
SHARE = Allowance(1024).cpu

# The mechanisms that can be tried for real on one machine or another; "none" limits nothing, but must clean up too.
REAL = [
    *(pytest.param(name, marks=pytest.mark.cgroup) for name in ("cgroup-v2", "cgroup-v1", "systemd")),
    "throttle",
    "none",
]
LIMITING = REAL[:-1]


def limiter_or_skip(name: str) -> Limiter:
    limiter = LIMITERS[name]()
    reason = limiter.unavailable()
    if reason is not None:
        pytest.skip(f"{name} cannot be had here: {reason.reason}")
    return limiter


def start_python(
    limiter: Limiter,
    code: str,
    *arguments: str,
    cpu: CpuAllowance | None = None,
    memory_bytes: int | None = 512 * MIB,
    stdout: int | IO[bytes] = DEVNULL,
    stderr: int | IO[bytes] | None = None,
    vcpus_count: int | None = None,
) -> Sandbox:
    return start(
        limiter,
        [sys.executable, "-I", "-S", "-c", code, *arguments],
        cpu=cpu,
        memory_bytes=memory_bytes,
        stdout=stdout,
        stderr=stderr,
        vcpus_count=vcpus_count,
    )


def start(
    limiter: Limiter,
    argv: Sequence[str],
    *,
    cpu: CpuAllowance | None = None,
    memory_bytes: int | None = 512 * MIB,
    stdout: int | IO[bytes] = DEVNULL,
    stderr: int | IO[bytes] | None = None,
    vcpus_count: int | None = None,
) -> Sandbox:
    return Sandbox.start(
        argv,
        env={"PATH": "/usr/bin:/bin"},
        cage=limiter.cage("test", cpu=cpu, memory_bytes=memory_bytes),
        stdout=stdout,
        stderr=stderr,
        vcpus_count=vcpus_count,
    )


def cpu_s(sandbox: Sandbox) -> float:
    """CPU seconds of all processes of the program that exist now."""
    total_s = 0.0
    for pid in sandbox._cage.processes(sandbox.pid):
        with suppress(OSError):
            total_s += process_cpu_s(pid)
    return total_s


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        time.sleep(0.005)
