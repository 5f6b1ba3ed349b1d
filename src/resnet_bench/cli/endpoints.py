"""Deployed handlers as ``runners.base.Endpoint``: the emulated Lambda, and any URL.

Here, because only the command line may know both the emulator and the AWS clients that read its traces and logs.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from msgspec.structs import replace

from resnet_bench.aws.clients import client
from resnet_bench.aws.complete import complete
from resnet_bench.aws.waiting import Waiting
from resnet_bench.emulator.account import Invoked
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.errors import AwsError, HttpError, OutOfMemory, RemoteError, RemoteTimeout, ResnetBenchError
from resnet_bench.inference.model import Model
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Answer, Sample, Skipped
from resnet_bench.results.run import Deployment, Enforcement
from resnet_bench.sandbox.limits.base import Limiter

HANDLER = "resnet_bench.handler.handler"
# Of a function with the name that ``emulate`` gives it.
LOG_GROUP = Function(HANDLER).log_group
_NO_LOG_GROUP = Skipped("a URL does not tell the function's log group")
_LOG_LINES = 25
# What Lambda itself writes around a function's own lines, and the handler's metrics.
_NOT_THE_FUNCTIONS = ("START RequestId", "END RequestId", "REPORT RequestId", "XRAY TraceId", "INIT_REPORT", '{"_aws"')
# The runtime client's essay on managed runtimes, before an import error.
_ESSAY = "LAMBDA_WARNING: "


def handler_variables(model: Model, engine: str, threads: str) -> dict[str, str]:
    """The environment variables by which this program's handler is told what to load; see ``handler.py``."""
    return {
        "RESNET_BENCH_MODEL": str(model.folder),
        "RESNET_BENCH_ENGINE": engine,
        "RESNET_BENCH_THREADS": threads,
    }


def functions_lines(log: Sequence[str]) -> list[str]:
    """What the function itself has logged. The runtime client writes a traceback as one event with ``\\r`` in it."""
    lines = [line for text in log for line in text.replace("\r", "\n").splitlines()]
    return [line for line in lines if line and not line.startswith(_NOT_THE_FUNCTIONS) and _ESSAY not in line]


class EmulatedEndpoint:
    """An emulated Lambda that lives as long as this object."""

    def __init__(self, function: Function, limiter: Limiter, *, seed: int = 0, progress: Progress = SILENT) -> None:
        self._last: Invoked | None = None
        self._told = 0
        self._progress = progress
        key = secrets.token_hex(16)
        self._emulated = EmulatedLambda(function, limiter, seed=seed, access_key=key, on_invoked=self._note).start()
        self._client = partial(client, endpoint_url=self._emulated.aws_url, access_key=key)
        self.url = self._emulated.url

    def _note(self, invoked: Invoked) -> None:
        self._last = invoked

    def deployment(self) -> Deployment:
        return self._emulated.deployment()

    def force_cold(self) -> None:
        self._last = None
        self._emulated.force_cold()

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
        if not samples:
            return samples
        # A trace is ready when the environment asks for work again: milliseconds after the answer.
        waiting = Waiting(interval_s=0.1, attempts=20, progress=self._progress)
        xray, logs = self._client("xray"), self._client("logs")
        return complete(samples, xray, logs, self._emulated.log_group, waiting=waiting)

    def close(self) -> None:
        self._emulated.close()


class UrlEndpoint:
    """A handler that somebody else has deployed. ``aws_url`` is where its traces can be asked for; default: AWS."""

    def __init__(self, url: str, *, aws_url: str | None = None, progress: Progress = SILENT) -> None:
        self.url = url
        self._aws_url = aws_url
        self._progress = progress

    def deployment(self) -> Deployment:
        enforcement = Enforcement(
            mechanism="unknown",
            cpu_limited=True,
            memory_limited=True,
            description="how what answers at the URL is limited cannot be seen from here",
        )
        return Deployment(kind="url", memory_bytes=None, cpu_share=None, vcpus_count=None, enforcement=enforcement)

    def force_cold(self) -> None:
        raise AwsError("a cold start cannot be forced through a URL alone", "leave out --cold")

    def settle(self, environment_id: str) -> int | Skipped:  # noqa: ARG002 - Endpoint's signature
        return Skipped("a deployed function's cgroup cannot be seen from outside")

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        """Traces from X-Ray, and REPORT lines from the logs where ``aws_url`` tells whose they are.

        A URL on AWS does not tell the function's log group.
        """
        if not samples:
            return samples
        patience = Waiting(progress=self._progress)
        try:
            if self._aws_url is not None:
                xray, logs = (client(service, endpoint_url=self._aws_url) for service in ("xray", "logs"))
                return complete(samples, xray, logs, LOG_GROUP, waiting=patience)
            samples = [replace(sample, report=_NO_LOG_GROUP) if _is_answer(sample) else sample for sample in samples]
            region = _region(self.url)
            if region is None:
                return _without_traces(samples, "the URL is not one of AWS's; name its X-Ray with --aws-url")
            return complete(samples, client("xray", region=region), None, None, waiting=patience)
        except AwsError as error:
            return _without_traces(samples, error.message)

    def close(self) -> None:
        pass


def _region(url: str) -> str | None:
    """``us-east-1`` of ``https://ID.execute-api.us-east-1.amazonaws.com``; ``None`` of any other address."""
    labels = (urlsplit(url).hostname or "").split(".")
    if labels[-2:] == ["amazonaws", "com"] and "execute-api" in labels:
        return labels[labels.index("execute-api") + 1]
    return None


def _without_traces(samples: list[Sample], reason: str) -> list[Sample]:
    missing = Skipped(reason, pending=True)
    return [replace(sample, trace=missing) if _pending(sample) else sample for sample in samples]


def _is_answer(sample: Sample) -> bool:
    return isinstance(sample.outcome, Answer)


def _pending(sample: Sample) -> bool:
    return isinstance(sample.trace, Skipped) and sample.trace.pending
