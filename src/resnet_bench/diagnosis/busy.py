"""A busy program in a sandbox: how much CPU time it gets, in which periods, and whether others held it up."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from resnet_bench.diagnosis import spinning
from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.allowance import Allowance, CpuAllowance
from resnet_bench.sandbox.cpu_wait import cpu_wait_s
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.mounts import find_v1, find_v2
from resnet_bench.sandbox.process import PIPE, Sandbox
from resnet_bench.sandbox.throttler import process_cpu_s

_PRECEDENCE = -15
# What a saved-up quota is used up in: three periods.
LEAD_S = 0.06


class _Told(msgspec.Struct, frozen=True):
    """A line of ``spinning``."""

    wall_s: float
    cpu_s: float
    gaps: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Spun:
    """One stretch of using all the CPU time that there is.

    ``gaps`` are from when to when its main thread did not run, by CLOCK_MONOTONIC. ``held_up`` is how long its threads
    stood ready while others ran, in CPUs (seconds a second), ``None`` where the kernel does not tell; ``period_s`` the
    length of the kernel's own periods, ``None`` where it counts none.
    """

    wall_s: float
    cpu_s: float
    gaps: tuple[tuple[float, float], ...] = ()
    held_up: float | None = None
    period_s: float | None = None

    @property
    def share(self) -> float:
        return self.cpu_s / self.wall_s


class Busy:
    """``spinning`` in a sandbox of ``allowance``'s memory and CPUs, first with the CPU time of ``cpu``."""

    def __init__(self, limiter: Limiter, allowance: Allowance, cpu: CpuAllowance) -> None:
        """
        Raises:
            SandboxError: it could not be started.
        """
        cage = limiter.cage("doctor", cpu=cpu, memory_bytes=allowance.memory_bytes)
        self.sandbox = Sandbox.start(
            [sys.executable, "-I", "-S", str(Path(spinning.__file__))],
            env={},
            cage=cage,
            stdin=PIPE,
            stdout=PIPE,
            vcpus_count=allowance.vcpus_count,
        )
        _prefer(self.sandbox.pid)

    def spin(self, threads: int, seconds: float) -> Spun:
        """
        Raises:
            SandboxError: it ended.
        """
        before = self._accounts()
        self.ask(threads, seconds)
        told = self.answer()
        after = self._accounts()
        around_s = after.at_s - before.at_s
        waited_s, throttled_s, periods = (
            None if one is None or other is None else other - one
            for one, other in zip(before.counts, after.counts, strict=True)
        )
        return Spun(
            wall_s=told.wall_s,
            cpu_s=told.cpu_s,
            gaps=told.gaps,
            # A thread at its quota stands ready too; the kernel says for how long.
            held_up=None if waited_s is None else max(0.0, waited_s - (throttled_s or 0.0)) / around_s,
            period_s=around_s / periods if periods else None,
        )

    def ask(self, threads: int, seconds: float) -> None:
        """Let it begin; ``answer`` waits for the end."""
        assert self.sandbox.stdin is not None  # noqa: S101 - asked for above
        with suppress(BrokenPipeError):  # ``answer`` tells
            self.sandbox.stdin.write(f"{threads} {LEAD_S} {seconds}\n".encode())
            self.sandbox.stdin.flush()

    def answer(self) -> _Told:
        assert self.sandbox.stdout is not None  # noqa: S101
        line = self.sandbox.stdout.readline()
        if not line.endswith(b"\n"):
            raise SandboxError(f"the busy program ended: {self.sandbox.describe_exit()}")
        return msgspec.json.decode(line, type=_Told)

    def used_s(self) -> float:
        """CPU time of all its threads so far."""
        return process_cpu_s(self.sandbox.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sandbox.close()

    def _accounts(self) -> _Accounts:
        throttled_s, periods = _throttled(self.sandbox.pid)
        return _Accounts(time.monotonic(), (cpu_wait_s(self.sandbox.pid), throttled_s, periods))


@dataclass(frozen=True)
class _Accounts:
    """Seconds that its threads waited, and of these at their quota, and periods begun; as far as the kernel tells."""

    at_s: float
    counts: tuple[float | None, float | None, float | None]


def _own_cgroups(pid: int) -> list[Path]:
    """The folders that limit its CPU time, if it has some of its own."""
    of = Path(f"/proc/{pid}")
    places = (find_v1("cpu", of=of), find_v2(of=of))
    return [place.own for place in places if place is not None and place.own.name.startswith("resnet-bench-")]


def _prefer(pid: int) -> None:
    """Give it precedence over the machine's other work, where we may: then only its own limit holds it back."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PGRP, pid, _PRECEDENCE)
    # Where the kernel groups processes by session, niceness counts within the session only (sched(7)).
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(_PRECEDENCE), encoding="ascii")
    for folder in _own_cgroups(pid):
        for name, most in (("cpu.shares", "200000"), ("cpu.weight", "10000")):
            if (folder / name).exists():
                with suppress(OSError):
                    (folder / name).write_text(most, encoding="ascii")


def _throttled(pid: int) -> tuple[float | None, float | None]:
    """Seconds at the quota and periods so far, by the kernel's ``cpu.stat`` (nanoseconds in version 1)."""
    for folder in _own_cgroups(pid):
        with suppress(OSError, ValueError):
            fields = dict(line.split() for line in (folder / "cpu.stat").read_text(encoding="ascii").splitlines())
            if "nr_periods" in fields:
                at_quota_s = (
                    int(fields["throttled_time"]) / 1e9
                    if "throttled_time" in fields
                    else int(fields["throttled_usec"]) / 1e6
                )
                return at_quota_s, float(fields["nr_periods"])
    return None, None
