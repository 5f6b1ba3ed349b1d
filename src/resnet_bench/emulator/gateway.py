"""The HTTP API in front of the function: payload format 2.0, limits, CORS, and what it answers when Lambda does not.

Behaviour from the API Gateway developer guide ("Working with HTTP APIs"). One ``$default`` route takes every method and
path to the function, so that any handler can be tried; the handler itself answers 404 and 405.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from resnet_bench.emulator.function import ACCOUNT_ID
from resnet_bench.emulator.service import Throttled
from resnet_bench.http_server import BodyTooLarge, ClientGone, read_body, respond, respond_json
from resnet_bench.wire import EVENT_LIMIT_BYTES

if TYPE_CHECKING:
    from resnet_bench.emulator.invocation import Reply
    from resnet_bench.emulator.service import LambdaService
    from resnet_bench.http_server import Receive, Scope, Send

PAYLOAD_LIMIT_BYTES = 10 * 1024 * 1024
INTEGRATION_TIMEOUT_S = 30.0
_CORS = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "POST,OPTIONS"),
    ("access-control-allow-headers", "content-type"),
    ("access-control-max-age", "300"),
)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*")
# These speak of the connection to the client, which is the gateway's business.
_CONNECTION_HEADERS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})


class Gateway:
    """An ASGI application."""

    def __init__(self, service: LambdaService, *, timeout_s: float = INTEGRATION_TIMEOUT_S) -> None:
        self._service = service
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        cors = [_CORS[0]] if "origin" in headers else []
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            # Answered here and never by the function, and without starting one.
            await respond(send, 204, headers=_CORS)
            return
        try:
            body = await read_body(receive, PAYLOAD_LIMIT_BYTES, announced=headers.get("content-length"))
        except ClientGone:
            return
        except BodyTooLarge:
            await respond_json(send, 413, {"message": "Request Entity Too Large"}, cors)
            return
        gateway_request_id = base64.b64encode(secrets.token_bytes(11)).decode()
        ids = [("apigw-requestid", gateway_request_id), *cors]
        event = make_event(scope, headers, body, request_id=gateway_request_id)
        if len(event) > EVENT_LIMIT_BYTES:
            # Lambda's limit, which base64 makes an image of 4.7 MB reach, long before the gateway's own 10 MB.
            await respond_json(send, 413, {"message": "Request Too Long"}, ids)
            return
        try:
            pending = await self._service.submit(event)
        except Throttled:
            await respond_json(send, 503, {"message": "Service Unavailable"}, ids)
            return
        await asyncio.wait({pending.answered}, timeout=self._timeout_s)
        if not pending.answered.done():
            # The function goes on; only the gateway has stopped waiting.
            await respond_json(send, 503, {"message": "Service Unavailable"}, ids)
            return
        await _send_reply(send, pending.answered.result(), ids)


def _headers(scope: Scope) -> dict[str, str]:
    """Lower-case names; repeated headers joined with commas, as payload 2.0 does."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _is_text(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.startswith("text/") or media_type in _TEXT_TYPES


def make_event(scope: Scope, headers: dict[str, str], body: bytes, *, request_id: str) -> bytes:
    """A payload 2.0 event, as JSON. Optional keys are absent where they would be empty, as on AWS."""
    query = scope["query_string"].decode("latin-1")
    client = scope.get("client") or ("127.0.0.1", 0)
    now_s = time.time()
    headers = {
        **headers,
        "x-forwarded-for": client[0],
        "x-forwarded-port": str(scope["server"][1]),
        "x-forwarded-proto": "http",
    }
    cookies = headers.pop("cookie", None)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": scope["path"],
        "rawQueryString": query,
        **({"cookies": [each.strip() for each in cookies.split(";")]} if cookies else {}),
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": "emulated",
            "domainName": headers.get("host", ""),
            "domainPrefix": "emulated",
            "http": {
                "method": scope["method"],
                "path": scope["path"],
                "protocol": f"HTTP/{scope['http_version']}",
                "sourceIp": client[0],
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now_s)),
            "timeEpoch": int(now_s * 1000),
        },
        "isBase64Encoded": False,
    }
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    if parameters:
        event["queryStringParameters"] = parameters
    if body:
        event["body"], event["isBase64Encoded"] = _encode_body(body, headers.get("content-type", ""))
    return msgspec.json.encode(event)


def _encode_body(body: bytes, content_type: str) -> tuple[str, bool]:
    if _is_text(content_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # declared as text, and is not: it can only travel as base64
    return base64.b64encode(body).decode("ascii"), True


async def _send_reply(send: Send, reply: Reply, ids: list[tuple[str, str]]) -> None:
    """A function's payload as an HTTP answer (payload 2.0: any JSON without ``statusCode`` is a body by itself)."""
    parsed = None if reply.function_error or reply.failure else _parse_payload(reply.payload)
    if parsed is None:
        await respond_json(send, 500, {"message": "Internal Server Error"}, ids)
        return
    status, headers, body = parsed
    # With CORS configured the gateway answers for CORS, and the function's own headers about it do not pass.
    passed = [(name, value) for name, value in headers if not name.lower().startswith("access-control-")]
    await respond(send, status, body, [*passed, *ids])


def _parse_payload(payload: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
    """Status, headers and body; ``None`` for what the gateway takes for a malformed answer."""
    try:
        document = json.loads(payload)
        if not (isinstance(document, dict) and "statusCode" in document):
            return 200, [("content-type", "application/json")], payload
        status = int(document["statusCode"])
        headers = [(str(name), str(value)) for name, value in (document.get("headers") or {}).items()]
        headers += [("set-cookie", str(cookie)) for cookie in document.get("cookies") or ()]
        body = _decode_body(document.get("body"), bool(document.get("isBase64Encoded")))
    except (TypeError, ValueError, OverflowError, AttributeError, RecursionError):
        return None
    # A name or a value with a line's end in it would write headers of its own; 1xx is no final answer.
    if not 200 <= status <= 599 or not all(_HEADER.fullmatch(f"{name}:{value}") for name, value in headers):  # noqa: PLR2004
        return None
    if "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    return status, [pair for pair in headers if pair[0].lower() not in _CONNECTION_HEADERS], body


def _decode_body(body: object, encoded: bool) -> bytes:
    """
    Raises:
        TypeError: not text.
        ValueError: bad base64, or text that no encoding has.
    """
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError(type(body).__name__)
    return base64.b64decode(body, validate=True) if encoded else body.encode()
