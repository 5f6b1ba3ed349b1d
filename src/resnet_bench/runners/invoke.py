"""The remote side by Lambda's own Invoke: the same request to the same handler, with no HTTP API in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from resnet_bench.errors import HttpError
from resnet_bench.http_event import read_http_answer, write_event
from resnet_bench.results.records import ClientTimes, Decode, ReportLine, Skipped
from resnet_bench.runners.deployed import Callee, DeployedRunner, Exchange
from resnet_bench.runners.reply import Reply
from resnet_bench.runners.request import Body
from resnet_bench.unreadable import UNREADABLE, one_line

# What the HTTP API answers for a function that fails.
_FUNCTION_FAILED = 500


class Invocation(Protocol):
    """What an invocation gave; ``function_error`` is ``None`` if the function returned ``payload`` itself."""

    @property
    def payload(self) -> bytes: ...

    @property
    def function_error(self) -> str | None: ...

    @property
    def report(self) -> ReportLine | Skipped: ...


class InvokeRunner(DeployedRunner):
    """Calls ``endpoint`` through ``invoke``, which takes an event and waits for what the function makes of it.

    ``invoke`` raises a ``RemoteError`` where there is no invocation. Of the client's times only ``prepare_s`` and
    ``total_s`` can be had: the AWS client does the rest in one go. It signs the request within the total.
    """

    def __init__(
        self,
        endpoint: Callee,
        engine: str,
        invoke: Callable[[bytes], Invocation],
        *,
        raw: bool = False,
        decode: Decode = "exact",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(endpoint, engine, where="the function", raw=raw, decode=decode, clock=clock)
        self._invoke = invoke

    def _exchange(self, body: Body, started_s: float) -> Exchange:
        event = write_event(body.content, body.content_type)
        prepared_s = self._clock()
        invocation = self._invoke(event)
        ended_s = self._clock()
        if invocation.function_error is not None:
            raise _failed(invocation.payload)
        answer = read_http_answer(invocation.payload)
        client = ClientTimes(
            prepare_s=prepared_s - started_s,
            connect_s=None,
            tls_s=None,
            send_s=None,
            wait_s=None,
            receive_s=None,
            total_s=ended_s - started_s,
            sent_bytes=len(event),
            received_bytes=len(invocation.payload),
            http_status=answer.status_code,
        )
        report = invocation.report if isinstance(invocation.report, ReportLine) else None
        return Exchange(Reply(answer.status_code, answer.body.encode()), client, report)


class _Failure(msgspec.Struct, rename="camel"):
    """What Lambda returns in the function's place."""

    error_type: str = ""
    error_message: str = ""


def _failed(payload: bytes) -> HttpError:
    try:
        failure = msgspec.json.decode(payload, type=_Failure)
    except UNREADABLE:
        failure = _Failure()
    told = ": ".join(part for part in (failure.error_type, failure.error_message) if part)
    return HttpError(
        f"the function failed: {one_line(told) or 'it gave no reason'}",
        "look at the function's log",
        status=_FUNCTION_FAILED,
    )
