"""The throttle's process: holds one session to a CPU share and a memory limit by stopping and killing it.

Where no cgroup can be had. It is a process of its own so that neither our interpreter's lock delays it nor the
sandbox's budget pays for it. Two processes, in fact: the *meter* stops and resumes the session; the *guard* waits
for the meter and resumes the session if the meter is killed, as the meter does if the guard is. So nothing short
of killing both leaves the session stopped. Standard library only.

Commands on the socket, each answered by a line: ``cpu <quota us> <period us>`` (``cpu 0 0`` lifts it), ``freeze``,
``thaw``, ``killed`` ("1" if the memory limit was exceeded).

What it cannot see: CPU time that a short-lived child used between the last look and its end; memory that was
touched and given back between two looks. Pages shared by several processes count for each.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from contextlib import suppress

from resnet_bench.sandbox.budget import Budget
from resnet_bench.sandbox.session import kill_session, members, resume_session, stop_session

_LOOK_S = 0.02
# The search for new processes reads all of /proc: at most a fiftieth of a CPU goes into it.
_SCAN_FRACTION = 50
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def process_cpu_s(pid: int) -> float:
    """CPU time of all threads of a process, precise to the nanosecond.

    The clock's id is made as ``clock_getcpuclockid`` makes it (Linux, include/linux/posix-timers.h: the inverted pid,
    shifted by three, CPUCLOCK_SCHED).

    Raises:
        OSError: no such process.
    """
    return time.clock_gettime((~pid << 3) | 2)


class Meter:
    """Measures one session and decides when it runs."""

    def __init__(self, session: int, memory_bytes: int) -> None:
        self._session, self._memory_bytes = session, memory_bytes
        self._budget: Budget | None = None
        self._used_s = {session: process_cpu_s(session)}
        self._cpus_count = len(os.sched_getaffinity(session))
        self._frozen = self._stopped = self._killed = False
        self._next_scan_s = self._next_weighing_s = 0.0

    def obey(self, command: str) -> str:
        """Carry out a command; the answer to it."""
        verb, *arguments = command.split()
        if verb == "cpu":
            quota_us, period_us = map(int, arguments)
            self._budget = Budget(quota_us / 1e6, period_us / 1e6, time.monotonic()) if quota_us else None
            self._measure()
        elif verb == "freeze":
            self._frozen = self._stopped = True
            stop_session(self._session)
        elif verb == "thaw":
            self._frozen = False
        return str(int(self._killed)) if verb == "killed" else "ok"

    def look(self) -> float | None:
        """Measure and act; seconds until the next look is due, ``None`` for "not before the next command"."""
        if self._budget is None and not self._memory_bytes:
            # Nothing to hold to: looking would only take time from what runs in here.
            self._run(not self._frozen)
            return None
        now_s = time.monotonic()
        used_s = self._measure()
        if self._budget is not None:
            self._budget.spend(used_s, now_s)
        self._run(not (self._frozen or (self._budget is not None and self._budget.exhausted)))
        if self._frozen or not self._used_s:
            return None
        if now_s >= self._next_weighing_s:
            self._weigh()
            self._next_weighing_s = now_s + _LOOK_S
        if self._budget is None:
            return _LOOK_S
        return self._budget.next_look_s(now_s, self._cpus_count)

    def _run(self, allowed: bool) -> None:
        if self._stopped is not allowed:
            return
        self._stopped = not allowed
        for group in self._groups():
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGCONT if allowed else signal.SIGSTOP)

    def _groups(self) -> set[int]:
        groups = set()
        for pid in self._used_s:
            with suppress(ProcessLookupError):
                groups.add(os.getpgid(pid))
        return groups

    def _measure(self) -> float:
        """CPU seconds that the session used since the last call."""
        started_s = time.monotonic()
        if started_s >= self._next_scan_s:
            for pid in members(self._session):
                self._used_s.setdefault(pid, 0.0)
            finished_s = time.monotonic()
            self._next_scan_s = finished_s + max(_LOOK_S, (finished_s - started_s) * _SCAN_FRACTION)
        total_s = 0.0
        for pid, before_s in list(self._used_s.items()):
            try:
                used_s = process_cpu_s(pid)
            except OSError:
                del self._used_s[pid]
            else:
                self._used_s[pid] = used_s
                total_s += used_s - before_s
        return total_s

    def _weigh(self) -> None:
        if not self._memory_bytes:
            return
        resident_bytes = 0
        for pid in self._used_s:
            with suppress(OSError), open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - see session.py
                resident_bytes += int(statm.read().split()[1]) * _PAGE_BYTES
        if resident_bytes > self._memory_bytes:
            self._killed = True
            kill_session(self._session)


def main() -> None:
    """``sys.argv[1:]``: session, socket, memory limit in bytes or 0."""
    session, link, memory_bytes = map(int, sys.argv[1:])
    _ask_for_precedence()
    guarded, guarding = os.pipe()
    meter = os.fork()
    if meter == 0:
        os.close(guarding)
        try:
            _serve(Meter(session, memory_bytes), link, guarded)
        finally:
            resume_session(session)
    else:
        os.close(guarded)
        os.close(link)
        os.waitpid(meter, 0)
        resume_session(session)


def _ask_for_precedence() -> None:
    """A late meter is an imprecise one. Only root may ask for this."""
    with suppress(PermissionError):
        os.nice(-10)
    # Where the kernel groups processes by session (sched(7), autogroup), niceness counts within the session only.
    with suppress(OSError), open("/proc/self/autogroup", "w", encoding="ascii") as file:  # noqa: PTH123 - as above
        file.write("-10")


def _serve(meter: Meter, link: int, guarded: int) -> None:
    """Until the parent closes its end, or the guard is gone."""
    while True:
        ready, _, _ = select.select([link, guarded], [], [], meter.look())
        if guarded in ready:
            return
        if link in ready:
            command = os.read(link, 100)
            if not command:
                return
            os.write(link, meter.obey(command.decode()).encode() + b"\n")
