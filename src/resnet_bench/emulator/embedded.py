"""An emulated Lambda inside this process: an event loop on a thread of its own, used from ordinary code.

with EmulatedLambda(function, limiter) as emulated:
    httpx.post(emulated.url + "/classify", ...)
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from resnet_bench.emulator.aws_api import AwsApi
from resnet_bench.emulator.gateway import INTEGRATION_TIMEOUT_S, Gateway
from resnet_bench.emulator.service import LambdaService, Throttled
from resnet_bench.emulator.tracing import Sampler
from resnet_bench.errors import HttpError
from resnet_bench.http_server import HttpServer, programs_only
from resnet_bench.loop_thread import LoopThread
from resnet_bench.loopback import LOOPBACK
from resnet_bench.refusals import words
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Deployment, Enforcement

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from resnet_bench.emulator.account import Invoked
    from resnet_bench.emulator.function import Function
    from resnet_bench.emulator.invocation import Reply
    from resnet_bench.sandbox.limits.base import Limiter

_STOP_S = 10.0
_LATER = Skipped("not asked for yet", pending=True)


@dataclass(frozen=True)
class Completed:
    """What an invocation past gateway and HTTP gave. Its REPORT line comes later, as of any other."""

    payload: bytes
    function_error: str | None
    report: Skipped = _LATER


class EmulatedLambda:
    """One function behind an HTTP API at ``url``, its AWS calls at ``aws_url``; both on loopback only.

    ``access_key`` is what AWS calls must be signed with; without one they are open to every program on this machine.
    ``on_invoked`` is called in the emulator's thread after each invocation.
    """

    def __init__(
        self,
        function: Function,
        limiter: Limiter,
        *,
        port: int = 0,
        seed: int = 0,
        gateway_timeout_s: float = INTEGRATION_TIMEOUT_S,
        access_key: str | None = None,
        on_invoked: Callable[[Invoked], None] | None = None,
    ) -> None:
        self.function = function
        self.access_key = access_key
        self._limiter = limiter
        self._port = port
        self._service = LambdaService(function, limiter, Sampler(seed), on_invoked)
        self._gateway = HttpServer(Gateway(self._service, timeout_s=gateway_timeout_s))
        self._aws = HttpServer(programs_only(AwsApi(self._service, access_key)))
        # The sandboxes are children of this thread and die with it (PR_SET_PDEATHSIG follows the thread that forked).
        self._thread = LoopThread("emulated-lambda", self._stop, self._note_refused)
        self._reaper: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin to listen. No environment exists until the first request needs one.

        Raises:
            SetupError: the port is taken.
        """
        self._thread.start(self._start)
        return self

    async def _start(self) -> None:
        await self._gateway.start(self._port)
        await self._aws.start()
        self._reaper = asyncio.get_running_loop().create_task(self._service.reap_idle())

    def close(self) -> None:
        """End every environment, stop listening, end the thread. May be called twice."""
        self._thread.close()

    async def _stop(self) -> None:
        if self._reaper is not None:
            self._reaper.cancel()
        await self._service.close()
        ending = {task for task in (self._gateway.stop(), self._aws.stop()) if task is not None}
        if ending:
            await asyncio.wait(ending, timeout=_STOP_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note_refused(self, error: OSError) -> None:
        self._service.logs.write("emulator", f"emulator: a connection was not let in: {words(error)}\n")

    # --- use --------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._gateway.port}"

    @property
    def aws_url(self) -> str:
        return f"http://{LOOPBACK}:{self._aws.port}"

    @property
    def log_group(self) -> str:
        return self.function.log_group

    def deployment(self) -> Deployment:
        allowance = self.function.allowance
        enforcement: Enforcement = self._limiter.enforcement
        return Deployment(
            kind="emulated",
            memory_bytes=allowance.memory_bytes,
            # A share that nothing enforces is not one.
            cpu_share=allowance.cpu.share if enforcement.cpu_limited else None,
            vcpus_count=allowance.vcpus_count,
            enforcement=enforcement,
        )

    def invoke(self, event: bytes) -> Completed:
        """Hand the function an event as the gateway does, with no HTTP and no AWS client in between.

        Raises:
            HttpError: no environment was free (429), or this machine could not run one (500).
        """

        async def answered() -> Reply:
            try:
                pending = await self._service.submit(event)
            except Throttled:
                raise HttpError("no environment was free", "give the function more concurrency", status=429) from None
            return await asyncio.shield(pending.answered)

        reply = self._thread.call(answered())
        if reply.failure is not None:
            raise HttpError(reply.failure, "free what this machine lacks, and try again", status=500)
        return Completed(reply.payload, reply.function_error)

    def force_cold(self) -> None:
        """Let the next request meet a fresh environment."""

        async def retire() -> None:
            self._service.retire_all()

        self._thread.call(retire())

    def set_memory(self, memory_mb: int) -> None:
        """Let the next request meet a fresh environment of this size."""
        function = replace(self.function, memory_mb=memory_mb)

        async def configure() -> None:
            self._service.configure(function)

        self._thread.call(configure())
        self.function = function

    def end_running(self) -> int:
        """End the invocations that still run, with their environments; how many they were."""
        return self._thread.call(self._service.end_running())

    def settle(self, environment_id: str) -> int | Skipped:
        """Wait until every finished invocation's environment is frozen again; the memory peak of this one in bytes."""

        async def read() -> int | Skipped:
            if not await self._service.settle():
                return Skipped("an environment was still busy 2 s after its answer")
            environment = self._service.environment(environment_id)
            return environment.cgroup_peak_bytes() if environment else Skipped("the environment is gone")

        return self._thread.call(read())

    def log_since(self, position: int) -> tuple[list[str], int]:
        """What the function and Lambda have logged from event number ``position`` on, and the next event's number.

        Old events make room for new ones: a reader that falls far behind misses some.
        """

        async def read() -> tuple[list[str], int]:
            logs = self._service.logs
            return [event.message for event in logs.since(position)], logs.position

        return self._thread.call(read())

    def log_lines(self) -> list[str]:
        """All that the function and Lambda have logged and that is still kept, oldest first."""
        return self.log_since(0)[0]

    def environments_count(self) -> int:
        async def read() -> int:
            return self._service.environments_count

        return self._thread.call(read())
