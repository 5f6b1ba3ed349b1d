"""No limits: accounts what it can and says that nothing is enforced."""

from __future__ import annotations

from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.limits.base import Entry, Leftovers, OwnProcess
from resnet_bench.sandbox.session import kill_session, resume_session, stop_session


class Unlimited:
    enforcement = Enforcement(
        mechanism="none",
        cpu_limited=False,
        memory_limited=False,
        description="CPU and memory not limited",
    )

    def unavailable(self) -> Skipped | None:
        return None

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> UnlimitedCage:  # noqa: ARG002
        return UnlimitedCage()


class UnlimitedCage(OwnProcess):
    entry = Entry()
    leftovers = Leftovers()

    def __init__(self) -> None:
        self._pid: int | None = None

    def attach(self, pid: int) -> None:
        self._pid = pid

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        pass

    def freeze(self) -> None:
        if self._pid is not None:
            stop_session(self._pid)

    def thaw(self) -> None:
        if self._pid is not None:
            resume_session(self._pid)

    def peak_memory_bytes(self) -> int | Skipped:
        return Skipped("without a cgroup the kernel keeps no account of the whole sandbox")

    def memory_killed(self) -> bool:
        return False

    def close(self) -> None:
        pid, self._pid = self._pid, None
        if pid is not None:
            kill_session(pid)
