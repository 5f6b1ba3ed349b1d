"""One container: made, held, frozen and removed.

The sandbox's child is the tool's client, a stand-in for the program, which runs elsewhere. Limits and figures are
those of the container's own cgroup. It is read and written directly: a tool's ``pause`` takes 40 ms and more, for which
a call would wait. Where it may not be written (docker, as an ordinary user), the tool is asked.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from resnet_bench.container.tools import Tool, ask
from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.cgroupfs import GONE, kill_cgroup
from resnet_bench.sandbox.containers import remove_container
from resnet_bench.sandbox.janitor import janitor
from resnet_bench.sandbox.limits.base import Entry, Leftovers, Program
from resnet_bench.sandbox.limits.container.cgroup import CgroupFiles, container_files
from resnet_bench.sandbox.limits.container.command import Plan, cpu_words, wrap
from resnet_bench.sandbox.limits.container.end import AtEnd
from resnet_bench.sandbox.limits.container.start import await_exec, await_pid
from resnet_bench.sandbox.session import is_running

_SIGNALLED = 128
_KILLED_TIMEOUT_S = 10.0


class ContainerCage:
    """``files`` are the container's cgroup's, once it runs."""

    def __init__(self, tool: Tool, plan: Plan) -> None:
        self.files: CgroupFiles | None = None
        self._tool = tool
        self._client = 0
        self._cpus: tuple[int, ...] = ()
        self._frozen = self._removed = False
        self._closed = threading.Event()
        self._lock = threading.Lock()  # between ``await_program`` and ``close``
        self._at_end: AtEnd | None = None
        # Podman's monitor writes the pid of what it starts into a file; docker must be asked.
        self._folder = Path(tempfile.mkdtemp(prefix="resnet-bench-")) if tool.name == "podman" else None
        self._plan = replace(plan, pid_file=self._folder and self._folder / "pid")
        self.entry = Entry(wrap=self._wrap)
        self.leftovers = Leftovers(
            folders=(self._folder,) if self._folder else (), containers=(f"{tool.path} {plan.name}",)
        )

    # --- start ------------------------------------------------------------------------------------------------

    def _wrap(self, program: Program) -> Program:
        self._cpus = program.cpus
        wrapped = wrap(self._tool, self._plan, program, os.environ)
        # Podman's monitor leaves a file "oom" in the working folder that it is started in.
        return wrapped if self._folder is None else replace(wrapped, cwd=self._folder)

    def attach(self, pid: int) -> None:
        self._client = pid

    def await_program(self, launched_ns: int) -> int:  # noqa: ARG002 - Cage's signature: the client is not the program
        pid = await_pid(self._tool, self._plan, self._client, self._closed.is_set)
        with self._lock:
            if self._closed.is_set():
                raise SandboxError("the sandbox was closed while it started")
            try:
                self._take(pid)
            except (SandboxError, FileNotFoundError):
                if is_running(pid):
                    raise
        return await_exec(pid)

    def _take(self, pid: int) -> None:
        """Find what holds the container of process ``pid``, see that it does, and keep its last figures."""
        files = container_files(pid)
        if not files.holds(self._plan.cpu, self._plan.memory_bytes):  # docker warns, and goes on without
            raise SandboxError(f"{self._tool.name} did not limit the container: a cgroup controller is missing here")
        for folder in files.folders:
            janitor().register("cgroup", folder)
        self.files = files
        self._at_end = AtEnd(pid, self._look)
        if self._cpus:
            with suppress(OSError):  # docker's belong to root, and have a cpuset
                os.sched_setaffinity(pid, self._cpus)  # podman's inherit it, which newer versions of runc undo

    # --- what the client's own process does not tell ----------------------------------------------------------

    def processes(self, pid: int) -> list[int]:  # noqa: ARG002 - Cage's signature: the client is not counted
        return [] if self.files is None else self.files.processes()

    def exit_code(self, code: int) -> int:
        """Both tools add 128 to the number of the signal that ended the program, as shells do."""
        return _SIGNALLED - code if code > _SIGNALLED else code

    # --- limits -----------------------------------------------------------------------------------------------

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        if self.files is None:
            return
        if not self.files.writable():
            self._ask("update", *cpu_words(cpu))
            return
        try:
            self.files.set_cpu(cpu)
        except OSError as error:
            _unless_gone(error)

    def freeze(self) -> None:
        self._set_frozen(True)

    def thaw(self) -> None:
        self._set_frozen(False)

    def _set_frozen(self, frozen: bool) -> None:
        if self.files is None or frozen == self._frozen:
            return
        if self.files.writable():
            try:
                self.files.set_frozen(frozen)
            except OSError as error:
                _unless_gone(error)
        else:
            self._ask("pause" if frozen else "unpause")
        self._frozen = frozen

    def _ask(self, command: str, *words: str) -> None:
        ask(self._tool, [command, *words, self._plan.name], doing=f"{command} of the sandbox")

    # --- figures ----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self.files is not None:
            self.files.peak_memory_bytes()
            self.files.memory_killed()

    def peak_memory_bytes(self) -> int | Skipped:
        return Skipped("the sandbox was never started") if self.files is None else self.files.peak_memory_bytes()

    def memory_killed(self) -> bool:
        return self.files is not None and self.files.memory_killed()

    # --- end --------------------------------------------------------------------------------------------------

    def close(self) -> None:
        with self._lock:
            self._closed.set()
        if self._removed:
            return
        self._look()
        self._kill()
        failure = remove_container(self.leftovers.containers[0])
        if failure is not None:
            raise SandboxError(f"the container {self._plan.name} could not be removed: {failure}")
        for folder in self.files.folders if self.files is not None else ():
            janitor().forget("cgroup", folder)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._removed = True

    def _kill(self) -> None:
        """Frozen processes that the tool believes to be running would not die of what it sends them.

        One with much memory takes 0.1 s and more to die. Until then podman removes nothing, or all but its cgroup.
        """
        if self.files is not None and self.files.writable():
            for folder in self.files.folders:
                kill_cgroup(str(folder))
            if self._at_end is not None:
                self._at_end.wait(_KILLED_TIMEOUT_S)
        at_end, self._at_end = self._at_end, None
        if at_end is not None:
            at_end.close()


def _unless_gone(error: OSError) -> None:
    """A cgroup goes with its last process, of whose end the sandbox tells."""
    if error.errno not in GONE:
        raise SandboxError(
            f"the container's limits could not be changed: {error.strerror}: {error.filename}"
        ) from error
