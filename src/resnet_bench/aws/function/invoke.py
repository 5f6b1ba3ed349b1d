"""Calling a function by Lambda's own Invoke, past the HTTP API, with its REPORT line and a trace in any case."""

from __future__ import annotations

import math
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.logs.reports import report_from_tail
from resnet_bench.errors import AwsError, HttpError, RemoteError, RemoteTimeout
from resnet_bench.results.records import ReportLine, Skipped

_ACTION = "lambda:InvokeFunction"
_TOO_MANY_REQUESTS = 429
_NO_TAIL = Skipped("the invocation came without a log tail", pending=True)


@dataclass(frozen=True)
class Invoked:
    """What an invocation gave. ``function_error`` is ``None`` if the function returned ``payload`` itself.

    ``trace_header`` is what was asked for: the function's own header says what became of it.
    """

    payload: bytes = field(repr=False)
    function_error: str | None
    request_id: str
    report: ReportLine | Skipped
    trace_header: str


class Invoker:
    """Invokes one function and waits for its answer. Nothing else invokes with ``client``, one of ``lambda``.

    Lambda samples what a caller has decided to trace: with ``Sampled=1`` in the header every call is traced, and not
    only one a second.
    """

    def __init__(self, client: Any, function_name: str) -> None:
        self._client, self._function_name = client, function_name
        self._trace_header = ""
        # boto3 has no parameter for it. At this moment the request is signed; the header is not part of the signature.
        client.meta.events.register("before-send.lambda.Invoke", self._force_sampling)

    def __call__(self, payload: bytes) -> Invoked:
        """
        Raises:
            AwsError: AWS did not call the function, or the way there failed.
            HttpError: the function is throttled (429).
            RemoteTimeout: no answer in time.
        """
        self._trace_header = sampled_header()
        try:
            with aws_errors(_ACTION):
                done = self._client.invoke(FunctionName=self._function_name, Payload=payload, LogType="Tail")
                content = done["Payload"].read()
        except AwsError as error:
            raise self._told(error) from error
        tail = done.get("LogResult")
        return Invoked(
            payload=content,
            function_error=done.get("FunctionError"),
            request_id=done["ResponseMetadata"].get("RequestId", ""),
            report=report_from_tail(tail) if tail else _NO_TAIL,
            trace_header=self._trace_header,
        )

    def _force_sampling(self, request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = self._trace_header

    def _told(self, error: AwsError) -> RemoteError:
        """Throttling and time-outs in the words that are used for those of an HTTP API."""
        if error.code == "TooManyRequestsException":
            return HttpError(
                error.message,
                "lower the rate, or raise the function's concurrency",
                status=_TOO_MANY_REQUESTS,
                retry_after_s=_retry_after_s(error.__cause__),
            )
        if error.code == "ReadTimeoutError":
            limit_s = self._client.meta.config.read_timeout
            return RemoteTimeout(f"the function gave no answer within {limit_s:g} s", "give it more CPU with --memory")
        return error


def sampled_header() -> str:
    """A trace of its own, begun now and to be recorded."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=1"


def _retry_after_s(cause: Any) -> float | None:
    """The ``retryAfterSeconds`` of botocore's ``TooManyRequestsException``: a header's text, or nothing."""
    try:
        seconds = float(cause.response["retryAfterSeconds"])
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
