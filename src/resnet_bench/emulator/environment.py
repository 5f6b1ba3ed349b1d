"""One execution environment: a sandboxed runtime process, and what the Runtime API lets it do.

The runtime drives: it asks for work (``next_invocation``), answers it (``respond`` or ``fail``) and asks
again. Between an answer's following "next" and the next event it is frozen. States and their order are Lambda's
(developer guide, "Understanding the Lambda execution environment lifecycle").
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resnet_bench.emulator.invocation import InitFailed, Invocation, Reply
from resnet_bench.emulator.log_pump import LogPump
from resnet_bench.emulator.logs import LogStore
from resnet_bench.emulator.tracing import Timeline
from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.janitor import janitor
from resnet_bench.sandbox.process import Sandbox

if TYPE_CHECKING:
    from resnet_bench.emulator.function import Function
    from resnet_bench.sandbox.limits.base import Limiter


@dataclass
class Environment:
    """A sandbox and its conversation with the runtime. All methods run in the emulator's event loop."""

    function: Function
    limiter: Limiter
    logs: LogStore
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    invocations: int = 0
    idle_since_s: float = 0.0
    _answered_s: float = 0.0
    _sandbox: Sandbox | None = None
    _waiting: Invocation | None = None

    def __post_init__(self) -> None:
        self.log_stream = time.strftime("%Y/%m/%d/[$LATEST]", time.gmtime()) + self.id
        loop = asyncio.get_running_loop()
        self._work: asyncio.Future[Invocation | None] = loop.create_future()
        self._asked: asyncio.Future[float] = loop.create_future()
        self._answer: asyncio.Future[Reply] = loop.create_future()
        self._init_error: asyncio.Future[tuple[str, Reply]] = loop.create_future()
        self._exited: asyncio.Future[str] = loop.create_future()
        self._printed: LogPump | None = None
        self._folder: str | None = None
        self._lost: SandboxError | None = None

    # --- life -------------------------------------------------------------------------------------------------

    async def initialise(self, runtime_api: str, *, boosted: bool, limit_s: float) -> tuple[float, float]:
        """Start the runtime and wait until it asks for work; (start, end) in monotonic seconds.

        A runtime that an earlier attempt has left is ended first.

        Raises:
            InitFailed: it reported an error, exited, or took longer than ``limit_s``.
            SandboxError: this machine could not start it, or hold it to its limits.
            OSError: it has no room for a folder, or no file descriptors left.
        """
        self._end_sandbox()
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="resnet-bench-")
            janitor().register("folder", self._folder)
        loop = asyncio.get_running_loop()
        self._asked, self._init_error, self._exited = loop.create_future(), loop.create_future(), loop.create_future()
        allowance = self.function.allowance
        read_fd, write_fd = os.pipe()
        try:
            cage = self.limiter.cage(
                f"lambda-{self.id[:12]}",
                cpu=allowance.boosted_cpu if boosted else allowance.cpu,
                memory_bytes=allowance.memory_bytes,
            )
            self._sandbox = Sandbox.start(
                self.function.command,
                env=self.function.environ(
                    runtime_api=runtime_api, log_stream=self.log_stream, temporary_folder=self._folder
                ),
                cwd=self.function.task_root,
                cage=cage,
                stdout=write_fd,
                stderr=write_fd,
                vcpus_count=allowance.vcpus_count,
                wait=False,
            )
        except BaseException:
            os.close(read_fd)
            raise
        finally:
            os.close(write_fd)
        self._watch(read_fd, self._sandbox)
        # A container takes its time to be made, in which other environments' calls must go on.
        await asyncio.to_thread(self._sandbox.await_program)
        ends: set[asyncio.Future[Any]] = {self._asked, self._init_error, self._exited}
        await asyncio.wait(ends, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        if not self._asked.done():
            raise await self._init_failure(limit_s)
        if boosted:
            self._sandbox.set_cpu(allowance.cpu)
        return self._sandbox.started_ns / 1e9, self._asked.result()

    async def _init_failure(self, limit_s: float) -> InitFailed:
        if self._init_error.done():
            # The runtime exits right after it has reported: its last log lines belong to this failure.
            await asyncio.wait({self._exited}, timeout=1.0)
            self._drain_logs()
            return InitFailed("error", *self._init_error.result())
        if self._exited.done():
            error_type, reply = self._exit_reply(None)
            return InitFailed("error", error_type, reply)
        return InitFailed(
            "timeout",
            "Sandbox.Timedout",
            Reply.error("Sandbox.Timedout", f"Initialisation timed out after {limit_s:.2f} seconds"),
        )

    async def invoke(self, invocation: Invocation, timeline: Timeline, answered: asyncio.Future[Reply]) -> str | None:
        """Run one event; ``answered`` gets the reply as soon as it is there, the call returns when the runtime is done.

        Returns the status for the REPORT line: ``None``, ``timeout`` or an error type. Unless it is ``None`` with the
        sandbox alive (``alive``), the environment cannot be used again.

        Raises:
            SandboxError: it could not be held to its limits any more.
        """
        assert self._sandbox is not None  # noqa: S101 - initialise() came first
        loop = asyncio.get_running_loop()
        self.invocations += 1
        self._answer, self._asked = answered, loop.create_future()
        timeline.handed_s = time.monotonic()
        self._work.set_result(invocation)
        for wanted in (self._answer, self._asked):
            left_s = invocation.deadline_s - time.monotonic()
            await asyncio.wait({wanted, self._exited}, timeout=max(0.0, left_s), return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                return self._broken(invocation, timeline)
        timeline.answered_s, timeline.ready_s = self._answered_s, self._asked.result()
        self._drain_logs()
        self.idle_since_s = timeline.ready_s
        return None

    def _broken(self, invocation: Invocation, timeline: Timeline) -> str:
        timeline.ready_s = time.monotonic()
        self._drain_logs()
        if self._lost is not None:
            raise self._lost
        if self._exited.done():
            status, reply = self._exit_reply(invocation.request_id)
        else:
            limit = f"Task timed out after {self.function.timeout_s:.2f} seconds"
            status, reply = (
                "timeout",
                Reply.error("Sandbox.Timedout", f"RequestId: {invocation.request_id} Error: {limit}"),
            )
            self.logs.write(self.log_stream, f"{invocation.request_id} {limit}\n")
        if not self._answer.done():
            self._give(reply)
        timeline.answered_s = self._answered_s
        return status

    def _give(self, reply: Reply) -> None:
        self._answered_s = time.monotonic()
        self._answer.set_result(reply)

    def _exit_reply(self, request_id: str | None) -> tuple[str, Reply]:
        prefix = f"RequestId: {request_id} Error: " if request_id else ""
        reply = Reply.error("Runtime.ExitError", f"{prefix}Runtime exited with error: {self._exited.result()}")
        killed_by_limit = self._sandbox is not None and self._sandbox.memory_killed()
        return ("Runtime.OutOfMemory" if killed_by_limit else "Runtime.ExitError"), reply

    @property
    def alive(self) -> bool:
        return self._sandbox is not None and not self._exited.done()

    def close(self) -> None:
        """Kill the sandbox and remove its traces. May be called twice.

        Raises:
            SandboxError: as ``Sandbox.close``; all else has been done by then.
        """
        try:
            self._end_sandbox()
        finally:
            if not self._work.done():
                self._work.set_result(None)
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                janitor().forget("folder", self._folder)

    def _end_sandbox(self) -> None:
        try:
            if self._sandbox is not None:
                asyncio.get_running_loop().remove_reader(self._sandbox.fileno())
                self._sandbox.close()
        finally:
            if self._sandbox is not None and not self._exited.done():
                self._exited.set_result(self._sandbox.describe_exit())
            if self._printed is not None:
                self._printed.close()
                self._printed = None

    # --- what the Runtime API calls ---------------------------------------------------------------------------

    async def next_invocation(self) -> Invocation | None:
        """The runtime is done with what it had, and waits for the next event; ``None`` once the environment ends."""
        if not self._asked.done():
            self._asked.set_result(time.monotonic())
        if not self._work.done() and self._sandbox is not None and self.invocations:
            with self._ended_if_not_held():
                self._sandbox.freeze()
        self._waiting = await asyncio.shield(self._work)
        if self._waiting is not None:
            self._work = asyncio.get_running_loop().create_future()
        return self._waiting

    def wake(self) -> None:
        """The event is on its way: let the runtime run, to find it there."""
        if self._sandbox is not None:
            with self._ended_if_not_held():
                self._sandbox.thaw()

    @contextmanager
    def _ended_if_not_held(self) -> Iterator[None]:
        """A sandbox that nothing holds any more is ended: it would run unlimited, or stand still for ever."""
        try:
            yield
        except SandboxError as error:
            self._lost = error
            self.logs.write(self.log_stream, f"emulator: {error.message}\n")
            with suppress(SandboxError):  # the janitor tries again
                self._end_sandbox()

    def respond(self, request_id: str, reply: Reply) -> bool:
        """The runtime's answer; False if it answers something that it was not asked."""
        if self._waiting is None or self._waiting.request_id != request_id or self._answer.done():
            return False
        self._give(reply)
        return True

    def report_init_error(self, error_type: str, payload: bytes) -> None:
        if not self._init_error.done():
            self._init_error.set_result((error_type, Reply(payload, "Unhandled")))

    # --- measurements -----------------------------------------------------------------------------------------

    def max_memory_used_bytes(self) -> int:
        """For the REPORT line: the processes' peak resident memory, or the limit if the limit has killed one.

        How Lambda arrives at its figure is not documented; this definition needs no cgroup and does not count
        page cache, so that it is the same under every mechanism. It never exceeds the memory size, as on Lambda: what
        is resident above it are pages of files, which the kernel charges to whoever read them first, or drops.
        """
        if self._sandbox is None:
            return 0
        peak = self._sandbox.peak_rss_bytes()
        limit = self.function.allowance.memory_bytes
        if self._sandbox.memory_killed():
            return limit
        return 0 if isinstance(peak, Skipped) else min(peak, limit)

    def cgroup_peak_bytes(self) -> int | Skipped:
        return self._sandbox.peak_memory_bytes() if self._sandbox else Skipped("the sandbox is gone")

    # --- watching the child -----------------------------------------------------------------------------------

    def _watch(self, log_fd: int, sandbox: Sandbox) -> None:
        self._printed = LogPump(log_fd, self.logs, self.log_stream)
        asyncio.get_running_loop().add_reader(sandbox.fileno(), self._on_exit)

    def _on_exit(self) -> None:
        assert self._sandbox is not None  # noqa: S101 - only watched once started
        asyncio.get_running_loop().remove_reader(self._sandbox.fileno())
        self._sandbox.wait(1.0)
        self._drain_logs()
        if not self._exited.done():
            self._exited.set_result(self._sandbox.describe_exit())

    def _drain_logs(self) -> None:
        if self._printed is not None:
            self._printed.drain()
