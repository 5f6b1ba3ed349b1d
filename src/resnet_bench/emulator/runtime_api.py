"""The Runtime API, one server for each environment: a runtime knows its environment by the port that it was given.

Specification: AWS Lambda developer guide, "Using the Lambda runtime API" (version 2018-06-01).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from resnet_bench.emulator.invocation import Reply
from resnet_bench.http_server import (
    BodyTooLarge,
    ClientGone,
    HttpServer,
    programs_only,
    read_body,
    respond,
    respond_json,
)
from resnet_bench.loopback import LOOPBACK
from resnet_bench.wire import EVENT_LIMIT_BYTES

if TYPE_CHECKING:
    from resnet_bench.emulator.environment import Environment
    from resnet_bench.http_server import Receive, Scope, Send

_PREFIX = "/2018-06-01/runtime/"
_ERROR_TYPE_HEADER = b"lambda-runtime-function-error-type"
_STATUS_OK = {"status": "OK"}
# Rounds of the event loop in which an answer reaches the caller's connection. The runtime hears of its success after
# them: its next call makes the environment freeze, which takes up to a millisecond that the caller would wait for.
_CALLER_FIRST = 3


class RuntimeApi:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        # A runtime keeps one connection through all freezes, also one in the midst of an answer; only its own end may
        # close it.
        self._server = HttpServer(programs_only(self._app), keep_alive_s=24 * 3600, body_s=None)

    async def listen(self) -> str:
        """Start; the address for ``AWS_LAMBDA_RUNTIME_API``."""
        return f"{LOOPBACK}:{await self._server.start()}"

    def close(self) -> asyncio.Task[None] | None:
        """Begin to end; the task to wait for, if it ever listened."""
        return self._server.stop()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if (method, path) == ("GET", _PREFIX + "invocation/next"):
            await self._next(send)
            return
        try:
            body = await read_body(receive, EVENT_LIMIT_BYTES)
        except ClientGone:
            return
        except BodyTooLarge:
            body = None
        if (method, path) == ("POST", _PREFIX + "init/error") and body is not None:
            self._environment.report_init_error(_error_type(scope), body)
            await respond_json(send, 202, _STATUS_OK)
            return
        parts = path.removeprefix(_PREFIX).split("/")
        match (method, parts):
            case ("POST", ["invocation", request_id, "response" | "error" as outcome]):
                await self._result(send, request_id, outcome, body)
            case _:
                await _refuse(send, 404, "NotFound", f"no such Runtime API call: {method} {path}")

    async def _next(self, send: Send) -> None:
        invocation = await self._environment.next_invocation()
        if invocation is None:
            await _refuse(send, 410, "Gone", "the environment has ended")
            return
        left_s = invocation.deadline_s - time.monotonic()
        await respond(
            send,
            200,
            invocation.event,
            [
                ("content-type", "application/json"),
                ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
                ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + left_s) * 1000))),
                ("Lambda-Runtime-Invoked-Function-Arn", self._environment.function.arn),
                ("Lambda-Runtime-Trace-Id", invocation.trace_header),
            ],
        )
        # Only now: what waking takes is then no part of the call's way. A large event waits in this process meanwhile.
        self._environment.wake()

    async def _result(self, send: Send, request_id: str, outcome: str, body: bytes | None) -> None:
        if body is None:
            reply = Reply.error(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({EVENT_LIMIT_BYTES} bytes).",
            )
            self._environment.respond(request_id, reply)
            await _refuse(send, 413, "RequestEntityTooLarge", f"the limit is {EVENT_LIMIT_BYTES} bytes")
            return
        if self._environment.respond(request_id, Reply(body, "Unhandled" if outcome == "error" else None)):
            for _ in range(_CALLER_FIRST):
                await asyncio.sleep(0)
            await respond_json(send, 202, _STATUS_OK)
        else:
            await _refuse(send, 400, "InvalidRequestID", "Invalid request ID")


def _error_type(scope: Scope) -> str:
    values = (value.decode("latin-1") for name, value in scope["headers"] if name == _ERROR_TYPE_HEADER)
    return next(values, "Unhandled")


async def _refuse(send: Send, status: int, error_type: str, message: str) -> None:
    await respond_json(send, status, {"errorType": error_type, "errorMessage": message})
