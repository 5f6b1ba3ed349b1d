"""The emulated Lambda as the remote side: started for the run, ended with it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache, partial

from resnet_bench.analysis.ladder import RUNTIME
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.access.waiting import ONCE, Waiting
from resnet_bench.aws.complete import complete
from resnet_bench.cli.options import DEFAULT_MEMORY_MB, SideOptions
from resnet_bench.cli.targets.base import Means
from resnet_bench.cli.variants import Asked
from resnet_bench.emulator.account import Invoked
from resnet_bench.emulator.embedded import Completed, EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.errors import HttpError, OutOfMemory, RemoteError, RemoteTimeout, ResnetBenchError, UsageError
from resnet_bench.inference.model import Model
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Decode, Sample, Skipped
from resnet_bench.results.run import Deployment
from resnet_bench.runners.base import Runner
from resnet_bench.runners.deployed import Callee
from resnet_bench.runners.invoke import InvokeRunner
from resnet_bench.runners.remote import RemoteRunner
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.container import find_container

HANDLER = "resnet_bench.handler.handler"
# Of a function with the name that ``emulate`` gives it.
LOG_GROUP = Function(HANDLER).log_group
_LOG_LINES = 25
# What Lambda itself writes around a function's own lines, and the handler's metrics.
_NOT_THE_FUNCTIONS = ("START RequestId", "END RequestId", "REPORT RequestId", "XRAY TraceId", "INIT_REPORT", '{"_aws"')
# The runtime client's essay on managed runtimes, before an import error.
_ESSAY = "LAMBDA_WARNING: "


def handler_variables(model: Model, engine: str, threads: str, decode: Decode = "exact") -> dict[str, str]:
    """The environment variables by which this program's handler is told what to load; see ``handler.py``."""
    return {
        "RESNET_BENCH_MODEL": str(model.folder),
        "RESNET_BENCH_ENGINE": engine,
        "RESNET_BENCH_THREADS": threads,
        "RESNET_BENCH_DECODE": decode,
    }


def functions_lines(log: Sequence[str]) -> list[str]:
    """What the function itself has logged. The runtime client writes a traceback as one event with ``\\r`` in it."""
    lines = [line for text in log for line in text.replace("\r", "\n").splitlines()]
    return [line for line in lines if line and not line.startswith(_NOT_THE_FUNCTIONS) and _ESSAY not in line]


class EmulatedTarget:
    """An emulated Lambda for each engine."""

    forces_cold = starts_cold = True
    paced = False

    def __init__(self, sides: SideOptions) -> None:
        self.memory_mb: int | None = DEFAULT_MEMORY_MB if sides.memory_mb is None else sides.memory_mb
        self.decode: Decode = sides.network.decode or "exact"
        self._sides = sides

    def engines(self, asked: Asked) -> tuple[str, ...]:
        return asked.names()

    def open(self, engine: str, means: Means) -> tuple[EmulatedEndpoint, RemoteRunner]:
        function, limiter = self._function(engine, means), self._limiter(means)
        endpoint = EmulatedEndpoint(function, limiter, seed=self._sides.seed, progress=means.display)
        means.closing.enter_context(closing(endpoint))
        return endpoint, self.caller(endpoint, engine)

    def caller(self, endpoint: Callee, engine: str) -> RemoteRunner:
        return RemoteRunner(endpoint, engine, raw=self._sides.remote.raw, decode=self.decode)

    def between(self, endpoint: EmulatedEndpoint, engine: str, means: Means) -> Mapping[str, Runner]:  # noqa: ARG002
        invoke = InvokeRunner(endpoint, engine, endpoint.invoke, raw=self._sides.remote.raw, decode=self.decode)
        return {RUNTIME: invoke}

    def metrics(self, start_s: float, end_s: float) -> tuple[MetricSeries, ...]:  # noqa: ARG002 - Target's signature
        return ()

    def _limiter(self, means: Means) -> Limiter:
        return means.limiter

    def _function(self, engine: str, means: Means) -> Function:
        model = means.model()
        return Function(
            HANDLER,
            memory_mb=self.memory_mb or DEFAULT_MEMORY_MB,
            concurrency=self._sides.concurrency,
            variables=handler_variables(model, engine, self._sides.threads, self.decode),
            # Not the current folder, whose files could shadow libraries: the runtime client imports from its task root.
            task_root=str(model.folder),
        )


class ImageTarget(EmulatedTarget):
    """An emulated Lambda that runs a container image: what ``deploy`` would push, before it is pushed."""

    def __init__(self, sides: SideOptions, image: str) -> None:
        super().__init__(sides)
        self._image = image

    def engines(self, asked: Asked) -> tuple[str, ...]:
        names = asked.names() if asked.given else asked.usual[:1]
        if len(names) > 1:
            raise UsageError("an image has one engine", "name it, as in --engine onnx")
        return names

    def _limiter(self, means: Means) -> Limiter:  # noqa: ARG002 - its container is the limit
        return find_container(self._image)

    def _function(self, engine: str, means: Means) -> Function:  # noqa: ARG002 - the image says what it runs
        return Function(
            "",  # as the image says
            memory_mb=self.memory_mb or DEFAULT_MEMORY_MB,
            concurrency=self._sides.concurrency,
            variables={"RESNET_BENCH_THREADS": self._sides.threads},
            image=self._image,
        )


class EmulatedEndpoint:
    """An emulated Lambda that lives as long as this object."""

    def __init__(self, function: Function, limiter: Limiter, *, seed: int = 0, progress: Progress = SILENT) -> None:
        self._last: Invoked | None = None
        self._told = 0
        self._progress = progress
        key = secrets.token_hex(16)
        self._emulated = EmulatedLambda(function, limiter, seed=seed, access_key=key, on_invoked=self._note).start()
        # A client takes 40 ms to make, and is megabytes of objects that hold each other.
        self._client = cache(partial(client, endpoint_url=self._emulated.aws_url, access_key=key))
        self.url = self._emulated.url

    def _note(self, invoked: Invoked) -> None:
        self._last = invoked

    def deployment(self) -> Deployment:
        return self._emulated.deployment()

    def invoke(self, event: bytes) -> Completed:
        """As ``EmulatedLambda.invoke``: past the gateway."""
        return self._emulated.invoke(event)

    def force_cold(self) -> None:
        self._last = None
        self._emulated.force_cold()

    def set_memory(self, memory_mb: int) -> None:
        self._last = None
        self._emulated.set_memory(memory_mb)

    def settle(self, environment_id: str) -> int | Skipped:
        return self._emulated.settle(environment_id)

    def explain(self, error: RemoteError) -> ResnetBenchError:
        """A failure of the function itself, by its REPORT line and its log."""
        # Whatever the failure was: what still runs would share the CPUs with the next local call.
        self._emulated.settle("")
        stopped = self._emulated.end_running()
        if not isinstance(error, HttpError) or error.status < 500:  # noqa: PLR2004 - a 4xx is an answer
            return error
        details = self._log()
        report = self._last.report if self._last else None
        memory_mb = self._emulated.function.memory_mb
        explained: ResnetBenchError
        if stopped:
            explained = RemoteTimeout(
                "the HTTP API gave up on the function, which was stopped", "give it more CPU with --memory"
            )
        elif report is not None and report.error_type == "Runtime.OutOfMemory":
            explained = OutOfMemory(
                f"the emulated Lambda was killed at its memory limit of {memory_mb} MB", "give it more with --memory"
            )
        elif report is not None and report.status == "timeout":
            limit_s = self._emulated.function.timeout_s
            explained = RemoteTimeout(f"the function timed out after {limit_s:g} s", "give it more CPU with --memory")
        else:
            known = report.error_type if report is not None else self._last and self._last.function_error
            kind = known or "it gave no answer"
            explained = HttpError(
                f"the function failed: {kind} (HTTP {error.status})",
                "its own log stands above" if details else "--verbose of `resnet-bench emulate` shows its log",
                status=error.status,
                code=error.code,
            )
        explained.details = details
        return explained

    def _log(self) -> str:
        """The end of what the function has logged since the last failure."""
        lines, self._told = self._emulated.log_since(self._told)
        return "\n".join(functions_lines(lines)[-_LOG_LINES:])

    def complete(self, samples: list[Sample]) -> list[Sample]:
        # A trace is ready when the environment asks for work again: milliseconds after the answer.
        return self._completed(samples, Waiting(interval_s=0.1, attempts=20, progress=self._progress))

    def refresh(self, samples: list[Sample]) -> list[Sample]:
        return self._completed(samples, ONCE)

    def _completed(self, samples: list[Sample], waiting: Waiting) -> list[Sample]:
        if not samples:
            return samples
        xray, logs = self._client("xray"), self._client("logs")
        return complete(samples, xray, logs, self._emulated.log_group, waiting=waiting)

    def close(self) -> None:
        self._emulated.close()
