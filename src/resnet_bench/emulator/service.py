"""The Lambda service: finds or makes an environment for each event, keeps time, and writes the account of it."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from resnet_bench.emulator.account import INTERNAL_FAILURE, Invoked, Job, make_report
from resnet_bench.emulator.environment import Environment
from resnet_bench.emulator.invocation import InitFailed, Invocation, Reply
from resnet_bench.emulator.logs import LogStore
from resnet_bench.emulator.runtime_api import RuntimeApi
from resnet_bench.emulator.tracing import Sampler, Timeline, TraceContext, TraceStore
from resnet_bench.errors import ResnetBenchError, SandboxError
from resnet_bench.lambda_report import format_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from resnet_bench.emulator.function import Function
    from resnet_bench.sandbox.limits.base import Limiter

_REAP_EVERY_S = 1.0
# How long a request may wait for an environment that has answered and is about to ask for work again. On AWS the
# network between two calls of one client gives it that time; on loopback each second call would meet a cold start.
_FREE_S = 0.25
# How long whoever wants this machine's CPUs for something else waits for environments to be at rest.
_SETTLE_S = 2.0
_END_S = 5.0


class Throttled(Exception):
    """All environments that ``concurrency`` allows are busy."""


@dataclass(frozen=True)
class Pending:
    """An accepted event: ``answered`` gets its reply, ``finished`` ends when its account is written."""

    request_id: str
    trace: TraceContext
    environment_id: str
    log_stream: str
    log_position: int
    answered: asyncio.Future[Reply]
    finished: asyncio.Task[None]


@dataclass
class LambdaService:
    """Environments of one function. All methods run in the emulator's event loop."""

    function: Function
    limiter: Limiter
    sampler: Sampler = field(default_factory=Sampler)
    on_invoked: Callable[[Invoked], None] | None = None
    logs: LogStore = field(default_factory=LogStore)
    traces: TraceStore = field(init=False)
    _idle: list[Environment] = field(default_factory=list)
    _all: dict[str, tuple[Environment, RuntimeApi]] = field(default_factory=dict)
    _retired: set[str] = field(default_factory=set)
    _running: dict[asyncio.Task[None], Job] = field(default_factory=dict)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)
    _closed: bool = False

    def __post_init__(self) -> None:
        self.traces = TraceStore(self.function)

    # --- invoking ---------------------------------------------------------------------------------------------

    async def submit(self, event: bytes, *, trace_header: str | None = None) -> Pending:
        """Accept an event and start on it.

        Raises:
            Throttled: no environment is free and no more are allowed.
        """
        loop = asyncio.get_running_loop()
        timeline = Timeline(time.monotonic())
        environment = await self._acquire()
        trace = TraceContext.new(self.sampler.decide(time.time()), trace_header)
        position = self.logs.position
        cold = environment.invocations == 0
        job = Job(environment, str(uuid.uuid4()), event, trace, timeline, loop.create_future(), cold)
        task = loop.create_task(self._run(job))
        self._running[task] = job
        task.add_done_callback(self._running.pop)
        return Pending(job.request_id, trace, environment.id, environment.log_stream, position, job.answered, task)

    async def settle(self) -> bool:
        """Wait for all environments that have answered to ask for work again; whether they did within 2 s."""
        settling = self._settling()
        return not settling or not (await asyncio.wait(settling, timeout=_SETTLE_S))[1]

    def _settling(self) -> set[asyncio.Task[None]]:
        return {task for task, job in self._running.items() if job.answered.done()}

    async def _acquire(self) -> Environment:
        if not self._idle and (settling := self._settling()):
            await asyncio.wait(settling, timeout=_FREE_S, return_when=asyncio.FIRST_COMPLETED)
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                return environment
            self._discard(environment)  # killed from outside while it was frozen
        return self._new_environment()

    def _new_environment(self) -> Environment:
        if self._closed or len(self._all) >= self.function.concurrency:
            raise Throttled
        environment = Environment(self.function, self.limiter, self.logs)
        self._all[environment.id] = (environment, RuntimeApi(environment))
        return environment

    async def _run(self, job: Job) -> None:
        environment, timeline = job.environment, job.timeline
        try:
            timeline.invoke_start_s = time.monotonic()
            if job.cold:
                await self._initialise(environment, timeline)
            self._log_start(job)
            deadline_s = timeline.invoke_start_s + environment.function.timeout_s
            invocation = Invocation(job.request_id, job.event, job.trace.header, deadline_s)
            job.status = await environment.invoke(invocation, timeline, job.answered)
        except InitFailed as failure:
            self._log_start(job)
            job.status = "timeout" if failure.status == "timeout" else failure.error_type
            job.answer(failure.reply)
        except ResnetBenchError as error:
            self._refuse(job, error.message)
        except Exception as error:  # noqa: BLE001 - a caller waits: of whatever this machine lacks (files, disk), it is told
            self._refuse(job, f"{type(error).__name__}: {error}")
        finally:
            self._finish(job)

    def _refuse(self, job: Job, why: str) -> None:
        """This machine refused (no cgroup, no process, no file); the function had no part in it."""
        self.logs.write(job.environment.log_stream, f"emulator: {why}\n")
        job.answer(Reply(b"", failure=why))

    def _finish(self, job: Job) -> None:
        """Keep or end the environment, however the event ended, and give account."""
        environment = job.environment
        job.timeline.service_end_s = time.monotonic()
        if job.status is None and environment.alive and environment.id not in self._retired:
            self._idle.append(environment)
        else:
            self._discard(environment)  # before the account: a dead process's peak is known once it is reaped
        self._account(job)

    def _log_start(self, job: Job) -> None:
        self.logs.write(job.environment.log_stream, f"START RequestId: {job.request_id} Version: $LATEST\n")

    async def _initialise(self, environment: Environment, timeline: Timeline) -> None:
        """Initialise, once more if need be, and note in ``timeline`` from when on the invocation counts.

        An initialisation that fails or exceeds its limit is done again as part of the invocation, at the function's
        own speed, and its time counts as the invocation's (developer guide, "Init phase").

        Raises:
            InitFailed: the second attempt failed too.
        """
        address = await self._all[environment.id][1].listen()
        try:
            timeline.init_start_s, timeline.init_end_s = await self._attempt(environment, address, "init")
        except InitFailed:
            timeline.invoke_start_s = time.monotonic()
            await self._attempt(environment, address, "invoke")
        else:
            timeline.invoke_start_s = time.monotonic()

    async def _attempt(
        self, environment: Environment, address: str, phase: Literal["init", "invoke"]
    ) -> tuple[float, float]:
        """Initialise once; a failure leaves an INIT_REPORT line, as on Lambda.

        Raises:
            InitFailed: as ``Environment.initialise``.
        """
        first, begun_s = phase == "init", time.monotonic()
        limit_s = environment.function.init_limit_s if first else environment.function.timeout_s
        try:
            return await environment.initialise(address, boosted=first, limit_s=limit_s)
        except InitFailed as failure:
            took_ms = (time.monotonic() - begun_s) * 1000
            kind = "" if failure.status == "timeout" else f"\tError Type: {failure.error_type}"
            line = f"INIT_REPORT Init Duration: {took_ms:.2f} ms\tPhase: {phase}\tStatus: {failure.status}{kind}\n"
            self.logs.write(environment.log_stream, line)
            raise

    def _account(self, job: Job) -> None:
        """Write the REPORT line and the trace of a finished invocation, and tell whoever watches."""
        report, error = None, job.status
        if job.status != INTERNAL_FAILURE:
            stream = job.environment.log_stream
            report = make_report(job, job.environment.function.allowance.memory_bytes)
            error = job.answered.result().function_error
            self.logs.write(stream, f"END RequestId: {job.request_id}\n")
            self.logs.write(stream, format_report(report, segment_id=job.trace.function_segment_id))
            self.traces.record(job.trace, job.request_id, job.timeline, error=error is not None)
        if self.on_invoked is not None:
            self.on_invoked(Invoked(job.request_id, job.environment.id, report, error, job.cold))

    # --- environments -----------------------------------------------------------------------------------------

    def environment(self, environment_id: str) -> Environment | None:
        entry = self._all.get(environment_id)
        return entry[0] if entry else None

    @property
    def environments_count(self) -> int:
        return len(self._all)

    def configure(self, function: Function) -> None:
        """The next event meets a fresh environment with this configuration, as on Lambda; the name stays."""
        self.function = function
        self.retire_all()

    def retire_all(self) -> None:
        """End idle environments now and busy ones after their current event."""
        self._retired |= set(self._all)
        for environment in self._idle:
            self._discard(environment)
        self._idle.clear()

    async def reap_idle(self) -> None:
        """Close environments that nobody has used for ``idle_s``; runs until cancelled."""
        while True:
            await asyncio.sleep(_REAP_EVERY_S)
            oldest_s = time.monotonic() - self.function.idle_s
            for environment in [each for each in self._idle if each.idle_since_s < oldest_s or not each.alive]:
                self._idle.remove(environment)
                self._discard(environment)

    def _discard(self, environment: Environment) -> None:
        entry = self._all.pop(environment.id, None)
        self._retired.discard(environment.id)
        try:
            environment.close()
        except SandboxError as error:  # the janitor tries again; whoever has called or waits can do nothing about it
            self.logs.write(environment.log_stream, f"emulator: {error.message}\n")
        ending = entry[1].close() if entry is not None else None
        if ending is not None:
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def end_running(self) -> int:
        """End the invocations that still run, with their environments; how many they were."""
        running = dict(self._running)
        for task, job in running.items():
            # So that the gateway answers and ends in order: cancelled, it would print a traceback.
            job.answer(Reply(b"", failure="the invocation was stopped"))
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return len(running)

    async def close(self) -> None:
        """End every environment; a request that is still on its way gets none."""
        self._closed = True
        await self.end_running()
        for environment, _ in list(self._all.values()):
            self._discard(environment)
        self._idle.clear()
        if self._ending:
            # A server that is cancelled before it has closed its sockets leaves them open.
            await asyncio.wait(self._ending, timeout=_END_S)
