"""The AWS wire calls that clients make: Invoke, X-Ray's BatchGetTraces, CloudWatch Logs' FilterLogEvents.

Served on a port of its own, so that no path of theirs hides one of the function's. boto3 reaches it with
``endpoint_url``. Signatures are not checked, since nothing here belongs to an account; the access key is, where one
was agreed on: the function runs with the rights of its user, which other users of this machine do not have.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from resnet_bench.emulator.service import Throttled
from resnet_bench.http_server import BodyTooLarge, ClientGone, read_body, respond, respond_json
from resnet_bench.wire import EVENT_LIMIT_BYTES

if TYPE_CHECKING:
    from resnet_bench.emulator.logs import LogEvent
    from resnet_bench.emulator.service import LambdaService, Pending
    from resnet_bench.http_server import Receive, Scope, Send

_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
# Signature version 4: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
_CREDENTIAL = re.compile(r"\bCredential=([^/,\s]+)/")
_LOGS_TARGET = "Logs_20140328."
_MAX_LOG_EVENTS = 10_000


class Refused(Exception):
    """An AWS error answer: HTTP status, exception name, message."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error


class AwsApi:
    """An ASGI application. Given an ``access_key``, it answers only requests that are signed with it."""

    def __init__(self, service: LambdaService, access_key: str | None = None) -> None:
        self._service = service
        self._access_key = access_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_key(headers.get("authorization", ""))
            body = await read_body(receive, EVENT_LIMIT_BYTES)
            await self._dispatch(scope, headers, body, send)
        except ClientGone:
            return
        except BodyTooLarge:
            limit = f"{EVENT_LIMIT_BYTES} bytes"
            await _refuse(send, Refused(413, "RequestTooLargeException", f"Request must be smaller than {limit}"))
        except Refused as refusal:
            await _refuse(send, refusal)

    def _check_key(self, authorization: str) -> None:
        if self._access_key is None:
            return
        found = _CREDENTIAL.search(authorization)
        if found is None or not hmac.compare_digest(found[1].encode(), self._access_key.encode()):
            raise Refused(403, "UnrecognizedClientException", "The security token included in the request is invalid.")

    async def _dispatch(self, scope: Scope, headers: dict[str, str], body: bytes, send: Send) -> None:
        method, path = scope["method"], unquote(scope["path"])
        target = headers.get("x-amz-target", "")
        if (method, path) == ("POST", "/Traces"):
            await respond_json(send, 200, self._batch_get_traces(_json(body)))
        elif (method, path) == ("POST", "/GetTraceSegmentDestination"):
            await respond_json(send, 200, {"Destination": "XRay", "Status": "ACTIVE"})
        elif target == _LOGS_TARGET + "FilterLogEvents":
            await respond_json(send, 200, self._filter_log_events(_json(body)))
        elif method == "POST" and (found := _INVOKE.fullmatch(path)):
            self._check_name(found[1])
            await self._invoke(body, headers, send)
        else:
            raise Refused(404, "UnknownOperationException", f"not emulated: {method} {path} {target}".rstrip())

    def _check_name(self, name: str) -> None:
        function = self._service.function
        if name not in (function.name, function.arn):
            raise Refused(
                404, "ResourceNotFoundException", f"Function not found: {function.arn.rsplit(':', 1)[0]}:{name}"
            )

    # --- Lambda -----------------------------------------------------------------------------------------------

    async def _invoke(self, body: bytes, headers: dict[str, str], send: Send) -> None:
        kind = headers.get("x-amz-invocation-type", "RequestResponse")
        if body:
            _json(body, error="InvalidRequestContentException")
        if kind == "DryRun":
            await respond(send, 204)
            return
        try:
            pending = await self._service.submit(body or b"{}", trace_header=headers.get("x-amzn-trace-id"))
        except Throttled:
            raise Refused(429, "TooManyRequestsException", "Rate Exceeded.") from None
        ids = [("x-amzn-requestid", pending.request_id), ("x-amzn-trace-id", pending.trace.header)]
        if kind == "Event":
            await respond(send, 202, headers=ids)
            return
        reply = await asyncio.shield(pending.answered)
        if reply.failure is not None:
            raise Refused(500, "ServiceException", reply.failure)
        if reply.function_error:
            ids.append(("x-amz-function-error", reply.function_error))
        if headers.get("x-amz-log-type") == "Tail":
            ids.append(("x-amz-log-result", await self._tail(pending)))
        ids += [("x-amz-executed-version", "$LATEST"), ("content-type", "application/json")]
        await respond(send, 200, reply.payload, ids)

    async def _tail(self, pending: Pending) -> str:
        await asyncio.shield(pending.finished)
        return base64.b64encode(self._service.logs.tail(pending.log_stream, pending.log_position)).decode("ascii")

    # --- X-Ray ------------------------------------------------------------------------------------------------

    def _batch_get_traces(self, request: dict[str, Any]) -> dict[str, Any]:
        trace_ids = request.get("TraceIds")
        if not isinstance(trace_ids, list) or not 1 <= len(trace_ids) <= 5:  # noqa: PLR2004 - X-Ray's own limit
            raise Refused(400, "InvalidRequestException", "TraceIds takes 1 to 5 ids")
        traces = []
        for trace_id in dict.fromkeys(map(str, trace_ids)):
            segments = self._service.traces.segments(trace_id)
            if segments:
                traces.append({"Id": trace_id, "LimitExceeded": False, "Segments": segments})
        return {"Traces": traces, "UnprocessedTraceIds": []}

    # --- CloudWatch Logs --------------------------------------------------------------------------------------

    def _filter_log_events(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("logGroupName") != self._service.function.log_group:
            raise Refused(400, "ResourceNotFoundException", "The specified log group does not exist.")
        matches = _LogFilter(str(request.get("filterPattern") or ""))
        start_ms, end_ms = _whole(request, "startTime", 0), _whole(request, "endTime", 2**63)
        limit = max(1, min(_whole(request, "limit", _MAX_LOG_EVENTS), _MAX_LOG_EVENTS))
        after = _whole(request, "nextToken", -1)
        found = [
            event
            for event in self._service.logs.events
            if event.number > after and start_ms <= event.timestamp_ms <= end_ms and matches(event.message)
        ]
        page = found[:limit]
        more = {"nextToken": page[-1].event_id} if len(found) > limit else {}
        return {"events": [_log_event(event) for event in page], "searchedLogStreams": [], **more}


class _LogFilter:
    """The unstructured filter patterns: all plain terms must occur, and one of the ``?`` terms if there are any."""

    def __init__(self, pattern: str) -> None:
        terms = re.findall(r'(\??)(?:"((?:[^"\\]|\\.)*)"|(\S+))', pattern)
        self._any = [quoted or plain for optional, quoted, plain in terms if optional]
        self._all = [quoted or plain for optional, quoted, plain in terms if not optional]

    def __call__(self, message: str) -> bool:
        return all(term in message for term in self._all) and (
            not self._any or any(term in message for term in self._any)
        )


def _log_event(event: LogEvent) -> dict[str, Any]:
    return {
        "logStreamName": event.stream,
        "timestamp": event.timestamp_ms,
        "ingestionTime": event.timestamp_ms,
        "eventId": event.event_id,
        "message": event.message,
    }


def _whole(request: dict[str, Any], name: str, default: int) -> int:
    """A parameter that is a whole number; a token is one as text."""
    try:
        return int(request.get(name, default))
    except (TypeError, ValueError, OverflowError):
        raise Refused(400, "InvalidParameterException", f"Invalid value of {name}") from None


def _json(body: bytes, error: str = "SerializationException") -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, error, "Could not parse request body into json") from None
    return document if isinstance(document, dict) else {}


async def _refuse(send: Send, refusal: Refused) -> None:
    # REST services read the type from the header, JSON services from the body.
    await respond_json(
        send,
        refusal.status,
        {"__type": refusal.error, "message": str(refusal), "Message": str(refusal)},
        [("x-amzn-errortype", refusal.error)],
    )
