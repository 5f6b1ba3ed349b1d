"""Limits from user space: a helper process stops and resumes the sandbox, and kills it for memory.

The kernel decides nothing here, so the figures are coarser than a cgroup's: see ``benchmarks/limiters.py``.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import PERIOD_US, CpuAllowance
from resnet_bench.sandbox.helper import helper_command
from resnet_bench.sandbox.limits.base import Entry, Leftovers, OwnProcess
from resnet_bench.sandbox.session import kill_session, process_state, resume_session

_ANSWER_TIMEOUT_S = 10.0
_HELPER_GONE = "run it again; if it says so again, more processes may help: ulimit -u"


class Throttle:
    enforcement = Enforcement(
        mechanism="throttle",
        cpu_limited=True,
        memory_limited=True,
        description="user-space throttle: stopped and resumed within a 20 ms period, killed when resident memory "
        "exceeds the limit (looked at every 20 ms)",
    )

    def unavailable(self) -> Skipped | None:
        """Throttles, freezes and thaws a sleeping process."""
        try:
            sleeper = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            return Skipped(f"no process can be started: {error}")
        cage = ThrottleCage(CpuAllowance(PERIOD_US // 2), None)
        try:
            cage.attach(sleeper.pid)
            cage.freeze()
            stopped = process_state(sleeper.pid)
            return None if stopped == "T" else Skipped(f"a stopped process did not stop: its state is {stopped}")
        except SandboxError as error:
            return Skipped(error.message)
        finally:
            cage.close()
            sleeper.wait()

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> ThrottleCage:  # noqa: ARG002
        return ThrottleCage(cpu, memory_bytes)


class ThrottleCage(OwnProcess):
    entry = Entry()
    leftovers = Leftovers()  # the helper sees the parent's end of the socket close, and ends

    def __init__(self, cpu: CpuAllowance | None, memory_bytes: int | None) -> None:
        self._cpu, self._memory_bytes = cpu, memory_bytes
        self._session: int | None = None
        self._helper: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._killed = False

    def attach(self, pid: int) -> None:
        self._link, theirs = socket.socketpair()
        self._link.settimeout(_ANSWER_TIMEOUT_S)
        self._session = pid
        with theirs:
            link = str(theirs.fileno())
            self._helper = subprocess.Popen(
                [*helper_command("throttler"), str(pid), link, str(self._memory_bytes or 0)],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # its silence tells of what it cannot do
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self.set_cpu(self._cpu)

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        self._cpu = cpu
        self._ask("cpu 0 0" if cpu is None else f"cpu {cpu.quota_us} {cpu.period_us}")

    def freeze(self) -> None:
        self._ask("freeze")

    def thaw(self) -> None:
        self._ask("thaw")

    def peak_memory_bytes(self) -> int | Skipped:
        return Skipped("without a cgroup the kernel keeps no account of the whole sandbox")

    def memory_killed(self) -> bool:
        if self._link is not None:
            self._killed = self._ask("killed") == "1"
        return self._killed

    def close(self) -> None:
        with suppress(SandboxError):  # gone already: what it last said holds
            self.memory_killed()
        link, self._link = self._link, None
        if link is None or self._session is None or self._helper is None:
            return
        kill_session(self._session)
        link.close()
        self._helper.wait(_ANSWER_TIMEOUT_S)

    def _ask(self, command: str) -> str:
        if self._link is None:
            return ""  # not attached yet: the helper is told when it starts
        try:
            self._link.sendall(command.encode())
            return self._answer()
        except OSError as error:
            if self._session is not None:
                resume_session(self._session)
            raise SandboxError(f"the throttle's helper process does not answer: {error}", _HELPER_GONE) from error

    def _answer(self) -> str:
        if self._link is None:
            return ""
        answer = self._link.recv(100)
        if not answer:
            raise ConnectionResetError("it is gone")
        return answer.decode().strip()
