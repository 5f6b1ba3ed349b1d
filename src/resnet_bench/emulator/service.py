"""The Lambda service: finds or makes an environment for each event, keeps time, and writes the account of it."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from resnet_bench.emulator.environment import Environment
from resnet_bench.emulator.invocation import InitFailed, Invocation, Reply
from resnet_bench.emulator.logs import LogStore
from resnet_bench.emulator.runtime_api import RuntimeApi
from resnet_bench.emulator.tracing import Sampler, Timeline, TraceContext, TraceStore
from resnet_bench.errors import ResnetBenchError
from resnet_bench.lambda_report import format_report
from resnet_bench.results.records import ReportLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from resnet_bench.emulator.function import Function
    from resnet_bench.sandbox.limits.base import Limiter

_REAP_EVERY_S = 1.0
# How long a request may wait for an environment that has answered and is about to ask for work again. On AWS the
# network between two calls of one client gives it that time; on loopback each second call would meet a cold start.
_SETTLE_S = 0.25
_END_S = 5.0


class Throttled(Exception):
    """All environments that ``concurrency`` allows are busy."""


@dataclass(frozen=True)
class Invoked:
    """One finished invocation, for whoever watches. ``report`` is its REPORT line."""

    environment_id: str
    report: ReportLine
    function_error: str | None
    cold_start: bool


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
class _Job:
    """One event on its way through an environment; ``status`` is what the REPORT line will say of it."""

    environment: Environment
    request_id: str
    event: bytes
    trace: TraceContext
    timeline: Timeline
    answered: asyncio.Future[Reply]
    cold: bool
    status: str | None = None


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
    _running: dict[asyncio.Task[None], _Job] = field(default_factory=dict)
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
        job = _Job(environment, str(uuid.uuid4()), event, trace, timeline, loop.create_future(), cold)
        task = loop.create_task(self._run(job))
        self._running[task] = job
        task.add_done_callback(self._running.pop)
        return Pending(job.request_id, trace, environment.id, environment.log_stream, position, job.answered, task)

    async def settle(self) -> None:
        """Wait for environments that have answered to ask for work again."""
        settling = {task for task, job in self._running.items() if job.answered.done()}
        if settling:
            await asyncio.wait(settling, timeout=_SETTLE_S, return_when=asyncio.FIRST_COMPLETED)

    async def _acquire(self) -> Environment:
        if not self._idle:
            await self.settle()
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

    async def _run(self, job: _Job) -> None:
        environment, timeline = job.environment, job.timeline
        try:
            if job.cold:
                await self._initialise(environment, timeline)
            else:
                timeline.invoke_start_s = time.monotonic()
            self._log_start(job)
            deadline_s = timeline.invoke_start_s + self.function.timeout_s
            invocation = Invocation(job.request_id, job.event, job.trace.header, deadline_s)
            job.status = await environment.invoke(invocation, timeline, job.answered)
        except InitFailed as failure:
            self._log_start(job)
            job.status = "timeout" if failure.status == "timeout" else failure.error_type
            job.answered.set_result(failure.reply)
        except ResnetBenchError as error:
            # This machine refused (no cgroup, no process); the function had no part in it.
            job.status = "InternalFailure"
            self.logs.write(environment.log_stream, f"emulator: {error.message}\n")
            job.answered.set_result(Reply.error(job.status, error.message))
        timeline.service_end_s = time.monotonic()
        reusable = job.status is None and environment.alive and environment.id not in self._retired
        if not reusable:
            self._discard(environment)  # before the account: a dead process's peak is known once it is reaped
        self._account(job)
        if reusable:
            self._idle.append(environment)

    def _log_start(self, job: _Job) -> None:
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
        limit_s = self.function.init_limit_s if first else self.function.timeout_s
        try:
            return await environment.initialise(address, boosted=first, limit_s=limit_s)
        except InitFailed as failure:
            took_ms = (time.monotonic() - begun_s) * 1000
            kind = "" if failure.status == "timeout" else f"\tError Type: {failure.error_type}"
            line = f"INIT_REPORT Init Duration: {took_ms:.2f} ms\tPhase: {phase}\tStatus: {failure.status}{kind}\n"
            self.logs.write(environment.log_stream, line)
            raise

    def _account(self, job: _Job) -> None:
        """Write the REPORT line and the trace of a finished invocation, and tell whoever watches."""
        timeline, status = job.timeline, job.status
        duration_s = (timeline.ready_s or timeline.service_end_s or 0.0) - timeline.invoke_start_s
        init_s = None
        if timeline.init_start_s is not None and timeline.init_end_s is not None:
            init_s = timeline.init_end_s - timeline.init_start_s
        report = ReportLine(
            request_id=job.request_id,
            duration_s=duration_s,
            # Billed per started millisecond; images pay for their initialisation.
            billed_s=math.ceil((duration_s + (init_s or 0.0)) * 1000) / 1000,
            memory_size_bytes=self.function.allowance.memory_bytes,
            max_memory_used_bytes=job.environment.max_memory_used_bytes(),
            init_s=init_s,
            status=None if status is None else ("timeout" if status == "timeout" else "error"),
            error_type=None if status in {None, "timeout"} else status,
            trace_id=job.trace.trace_id if job.trace.sampled else None,
        )
        self.logs.write(job.environment.log_stream, f"END RequestId: {job.request_id}\n")
        self.logs.write(job.environment.log_stream, format_report(report))
        function_error = job.answered.result().function_error
        self.traces.record(job.trace, job.request_id, timeline, error=function_error is not None)
        if self.on_invoked is not None:
            self.on_invoked(Invoked(job.environment.id, report, function_error, job.cold))

    # --- environments -----------------------------------------------------------------------------------------

    def environment(self, environment_id: str) -> Environment | None:
        entry = self._all.get(environment_id)
        return entry[0] if entry else None

    @property
    def environments_count(self) -> int:
        return len(self._all)

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
        environment.close()
        ending = entry[1].close() if entry is not None else None
        if ending is not None:
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End every environment; a request that is still on its way gets none."""
        self._closed = True
        running = list(self._running)
        for job in self._running.values():
            # So that the gateway answers and ends in order: cancelled, it would print a traceback.
            if not job.answered.done():
                job.answered.set_result(Reply.error("ServiceException", "the emulated Lambda was stopped"))
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for environment, _ in list(self._all.values()):
            self._discard(environment)
        self._idle.clear()
        if self._ending:
            # A server that is cancelled before it has closed its sockets leaves them open.
            await asyncio.wait(self._ending, timeout=_END_S)
