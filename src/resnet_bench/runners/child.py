"""A process of this machine's that answers lines with lines, stopped whenever it is not asked."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from resnet_bench.errors import OutOfMemory, ResnetBenchError, SandboxError
from resnet_bench.refusals import hint, words
from resnet_bench.results.records import Skipped
from resnet_bench.runners.trouble import last_words
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.environment import inherited_variables
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.process import PIPE, Sandbox

_ENDING_S = 5.0


class Child:
    """``module`` of this package, run with ``arguments`` and, beside the few inherited ones, ``variables``.

    It is stopped (SIGSTOP or the cage's freezer) between questions: engines leave threads that spin for a while after
    an inference, which would take CPU time from the next measurement. With ``allowance`` it is held to Lambda's CPU
    share and memory; without, its cage only accounts for its memory. ``name`` is what errors call it.
    """

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[str],
        limiter: Limiter,
        *,
        allowance: Allowance | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        # -P: the current folder may hold a file called numpy.py.
        self._command = [sys.executable, "-P", "-m", module, *arguments]
        self._variables = dict(variables or {})
        self._limiter = limiter
        self._allowance = allowance
        self._sandbox: Sandbox | None = None
        self._stderr: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """``None`` before the first question, and after the end."""
        return None if self._sandbox is None else self._sandbox.pid

    def ask(self, question: bytes) -> bytes:
        """Its next line, without the line's end; starts the process if there is none.

        Raises:
            OutOfMemory: its memory limit has killed it.
            SandboxError: it ended, could not be started, or is no longer held to its limits; the next starts another.
        """
        fresh = self._sandbox is None
        sandbox = self._sandbox or self._start()
        try:
            if not fresh:
                sandbox.thaw()
            line = self._exchange(sandbox, question)
            sandbox.freeze()
        except SandboxError:
            self.end()  # it has ended, or cannot be stopped between questions any more
            raise
        return line

    def peak_memory_bytes(self) -> int | Skipped:
        """The kernel's peak for the whole sandbox, page cache included."""
        return Skipped("it does not run") if self._sandbox is None else self._sandbox.peak_memory_bytes()

    def end(self) -> None:
        """Kill it; the next question starts another. May be called twice."""
        sandbox, self._sandbox = self._sandbox, None
        stderr, self._stderr = self._stderr, None
        if sandbox is not None:
            sandbox.close()
        if stderr is not None:
            stderr.close()

    def _start(self) -> Sandbox:
        allowance = self._allowance
        cage = self._limiter.cage(
            self.name.replace(" ", "-"),
            cpu=allowance.cpu if allowance else None,
            memory_bytes=allowance.memory_bytes if allowance else None,
        )
        try:
            self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        except OSError as error:
            cage.close()
            raise SandboxError(f"the {self.name} process could not be started: {words(error)}", hint(error)) from error
        self._sandbox = Sandbox.start(
            self._command,
            env=inherited_variables() | self._variables,
            cage=cage,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._stderr,
            vcpus_count=allowance.vcpus_count if allowance else None,
        )
        return self._sandbox

    def _exchange(self, sandbox: Sandbox, question: bytes) -> bytes:
        assert sandbox.stdin is not None  # noqa: S101 - asked for above
        assert sandbox.stdout is not None  # noqa: S101
        try:
            sandbox.stdin.write(question + b"\n")
            sandbox.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; what it said before that is still to be read
        line = sandbox.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._died(sandbox)
        return line[:-1]

    def _died(self, sandbox: Sandbox) -> ResnetBenchError:
        sandbox.wait(_ENDING_S)
        how, killed = sandbox.describe_exit(), sandbox.memory_killed()
        told = last_words(self._stderr) if self._stderr else ""
        self.end()
        if killed and self._allowance is not None:
            limit_mb = self._allowance.memory_mb
            return OutOfMemory(
                f"the {self.name} process was killed at its limit of {limit_mb} MB", "give it more with --memory"
            )
        hint = "run it again; the kernel's log tells whether it was for want of memory"
        return SandboxError(
            f"the {self.name} process ended: {how}{told}",
            hint if how.startswith("signal") else "try another --engine",
        )
