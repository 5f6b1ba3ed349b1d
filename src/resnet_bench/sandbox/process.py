"""``Sandbox``: a child process under Lambda's limits, and everything that one may do with it."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from resnet_bench.errors import SandboxError
from resnet_bench.refusals import hint, words
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.handshake import await_start, launch_command
from resnet_bench.sandbox.janitor import Kind, janitor
from resnet_bench.sandbox.limits.base import Cage, Program
from resnet_bench.sandbox.memory import peak_rss_bytes
from resnet_bench.sandbox.placement import give_back_cpus, take_cpus

PIPE = subprocess.PIPE
DEVNULL = subprocess.DEVNULL
_KILLED_TIMEOUT_S = 10.0


class Sandbox:
    """A running program in a cage. Made by ``Sandbox.start``; must be closed; usable as a context manager.

    The program dies with the *thread* that started it, not only with the process: that is how Linux defines
    PR_SET_PDEATHSIG (prctl(2)). Start sandboxes from a thread that lives as long as they do.

    Attributes:
        pid: of the child, which leads its own session and process group: the program's first process, or its stand-in
            where the cage starts the program elsewhere.
        started_ns: CLOCK_MONOTONIC in nanoseconds at which the program itself began. What lies before is provisioning;
            what lies after is the program's own.
        stdin, stdout, stderr: this side of the pipes that were asked for with ``PIPE``.
    """

    def __init__(self, process: subprocess.Popen[bytes], cage: Cage, cpus: tuple[int, ...]) -> None:
        self._process, self._cage, self._cpus = process, cage, cpus
        self._pidfd = os.pidfd_open(process.pid)
        self._lock = threading.Lock()
        self._peak_rss = 0
        self._returncode: int | None = None
        self._closed = False
        self.pid = process.pid
        self.launched_ns = self.started_ns = 0
        self.stdin: IO[bytes] | None = process.stdin
        self.stdout: IO[bytes] | None = process.stdout
        self.stderr: IO[bytes] | None = process.stderr

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | str | None = None,
        cage: Cage,
        stdin: int | IO[bytes] = DEVNULL,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
        vcpus_count: int | None = None,
        wait: bool = True,
    ) -> Sandbox:
        """Start ``argv`` in ``cage``, and return when it is running.

        Args:
            argv: the program and its arguments; found through ``PATH`` of ``env``.
            env: its whole environment, to which the launcher adds only ``RESNET_BENCH_STARTED_NS`` (the moment of the
                exec, as text).
            cage: whose limits hold from the program's first instruction. It is closed with the sandbox, and also
                if the start fails.
            stdin, stdout, stderr: as for ``subprocess.Popen``; ``None`` inherits.
            vcpus_count: CPUs that it may run on and sees in its affinity, capped by this machine; ``None``: all.
            wait: whether to wait for the program itself. Without, this takes some 30 ms, whatever the cage, and the
                caller goes on with ``await_program``.

        Raises:
            SandboxError: the program cannot be executed, or the limits refused it.
        """
        try:
            for kind, value in _leftovers(cage):
                janitor().register(kind, value)
            ours, theirs = socket.socketpair()
        except OSError as error:
            _discard(cage)
            raise _not_started(error) from error
        cpus = take_cpus(vcpus_count) if vcpus_count is not None else ()
        program = cage.entry.wrap(Program(tuple(argv), env, cpus, cwd))
        with ours:
            with theirs:
                try:
                    process = subprocess.Popen(
                        launch_command(cage.entry, theirs.fileno(), program.cpus, program.argv),
                        cwd=program.cwd,
                        stdin=stdin,
                        stdout=stdout,
                        stderr=stderr,
                        pass_fds=(theirs.fileno(),),
                        start_new_session=True,
                    )
                except OSError as error:
                    _discard(cage)
                    give_back_cpus(cpus)
                    raise _not_started(error) from error
            sandbox = cls(process, cage, cpus)
            try:
                janitor().register("session", sandbox.pid)
                sandbox.launched_ns = await_start(ours, program.env, attach=lambda: cage.attach(sandbox.pid))
                if wait:
                    sandbox.await_program()
            except OSError as error:
                sandbox.close()
                raise _not_started(error) from error
            except BaseException:
                sandbox.close()
                raise
        return sandbox

    def await_program(self) -> None:
        """Wait until the program itself runs. May be called from another thread; ``close`` ends it.

        Raises:
            SandboxError: it did not begin.
        """
        self.started_ns = self._cage.await_program(self.launched_ns)
        self.peak_rss_bytes()

    def freeze(self) -> None:
        """Stop every process in here; returns when they stand still. Does nothing once closed.

        Raises:
            SandboxError: what holds it was taken away from outside; this holds for ``thaw`` and ``set_cpu`` too.
        """
        if not self._closed:
            with _held():
                self._cage.freeze()

    def thaw(self) -> None:
        if not self._closed:
            with _held():
                self._cage.thaw()

    def set_cpu(self, cpu: CpuAllowance | None) -> None:
        """Change the CPU limit from now on; ``None`` lifts it."""
        if not self._closed:
            with _held():
                self._cage.set_cpu(cpu)

    def peak_memory_bytes(self) -> int | Skipped:
        """The kernel's peak for the whole sandbox, page cache included; after ``close`` the last value."""
        return self._cage.peak_memory_bytes()

    def peak_rss_bytes(self) -> int:
        """VmHWM summed over the sandbox's processes: the most that was seen by any call of this.

        The kernel forgets a process's peak when it ends, so call this while the program runs; it is also read at the
        start and by ``close``. (``ru_maxrss`` would survive, but counts this parent's memory before the exec.)
        """
        if not self._closed:
            peak = 0
            for pid in self._cage.processes(self.pid):
                with suppress(OSError):
                    peak += peak_rss_bytes(pid)
            self._peak_rss = max(peak, self._peak_rss)
        return self._peak_rss

    def memory_killed(self) -> bool:
        """Whether the memory limit has killed a process in here."""
        return self._cage.memory_killed()

    def poll(self) -> int | None:
        """Exit status of the program, minus the number of the signal that killed it, or ``None`` while it runs."""
        with self._lock:
            if self._returncode is None:
                # The zombie stays until ``close``: it holds the pid, by which the session's other processes are found.
                result = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if result is not None:
                    exited = result.si_code == os.CLD_EXITED
                    self._returncode = self._cage.exit_code(result.si_status if exited else -result.si_status)
            return self._returncode

    def wait(self, timeout_s: float | None = None) -> int | None:
        """``poll`` after at most ``timeout_s`` seconds, earlier if the program ends."""
        if self.poll() is None:
            select.select([self._pidfd], [], [], timeout_s)
        return self.poll()

    def fileno(self) -> int:
        """A pid file descriptor for ``loop.add_reader``: readable once the program has ended, valid until ``close``."""
        return self._pidfd

    def describe_exit(self) -> str:
        """How it ended, in Lambda's words: ``signal: killed``, ``exit status 1``; ``running`` before."""
        code = self.poll()
        if code is None:
            return "running"
        return f"signal: {(signal.strsignal(-code) or str(-code)).lower()}" if code < 0 else f"exit status {code}"

    def close(self) -> None:
        """Kill everything in here, reap it, remove the cage and close the pipes. May be called twice.

        Raises:
            SandboxError: something could not be killed or removed; the janitor tries again when this process ends.
        """
        self.peak_rss_bytes()
        with self._lock:
            if self._closed:
                return
            self._closed = True
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                with suppress(OSError):  # unsent data that nobody will read
                    pipe.close()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        try:
            _discard(self._cage)
        except KeyboardInterrupt:
            # Half closed, it may still be frozen, and what is frozen does not die of a SIGKILL.
            _discard(self._cage)
            raise
        finally:
            self._reap()
            give_back_cpus(self._cpus)
        janitor().forget("session", self.pid)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reap(self) -> None:
        self.wait(_KILLED_TIMEOUT_S)
        if self._returncode is None:
            raise SandboxError(
                f"process {self.pid} does not die: {_KILLED_TIMEOUT_S:.0f} s after SIGKILL it still runs"
            )
        self._process.wait()
        os.close(self._pidfd)


def _not_started(error: OSError) -> SandboxError:
    return SandboxError(f"the sandbox could not be started: {words(error)}", hint(error))


@contextmanager
def _held() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SandboxError(
            f"the sandbox is no longer held to its limits: {words(error)}",
            "let nothing else remove or change control groups whose names begin with resnet-bench-",
        ) from error


def _leftovers(cage: Cage) -> list[tuple[Kind, str]]:
    left: list[tuple[Kind, str]] = [("cgroup", str(folder)) for folder in cage.leftovers.cgroups]
    left += [("unit", unit) for unit in cage.leftovers.units]
    left += [("container", container) for container in cage.leftovers.containers]
    return left + [("folder", str(folder)) for folder in cage.leftovers.folders]


def _discard(cage: Cage) -> None:
    cage.close()
    for kind, value in _leftovers(cage):
        janitor().forget(kind, value)
