"""Answers as JSON, and refusals in words: like the handler's, ``{"error": {"code", "message", "hint"}}``.

What cannot be served is a 4xx, whatever was sent. A 5xx is of this machine or of the Lambda: no input brings it about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from resnet_bench import wire
from resnet_bench.errors import ImageError, RemoteError, ResnetBenchError, ResultError
from resnet_bench.http_event import JSON_TYPE, NotServed, refusal
from resnet_bench.web.bench import Busy
from resnet_bench.web.turns import Closing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

NO_STORE = {"cache-control": "no-store"}
# About as long as a slow classification takes.
_RETRY_AFTER = {"retry-after": "5"}
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 408: "too_slow", 409: "nothing_yet"}


def json_answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(document), status, {**(headers or {}), **NO_STORE}, JSON_TYPE)


def _fault(status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> Response:
    return Response(wire.encode_fault(code, message, hint), status, {**(headers or {}), **NO_STORE}, JSON_TYPE)


def _not_served(_request: Request, error: ImageError | NotServed) -> Response:
    answer = refusal(error)
    return Response(answer.body, answer.status_code, {**answer.headers, **NO_STORE}, JSON_TYPE)


def _failed(_request: Request, error: ResnetBenchError) -> Response:
    status = 502 if isinstance(error, RemoteError) else 422 if isinstance(error, ResultError) else 500
    return _fault(status, type(error).__name__, error.message, error.hint)


def _busy(_request: Request, error: Busy) -> Response:
    return _fault(429, "busy", str(error), "try again in some seconds", _RETRY_AFTER)


def _closing(_request: Request, _error: Closing) -> Response:
    return _fault(503, "closing", "this server is being ended", "start it again: resnet-bench serve")


def _http(_request: Request, error: HTTPException) -> Response:
    """Starlette's own, and ours: no such path, no such method, no such thing."""
    return _fault(error.status_code, _CODES[error.status_code], error.detail, headers=error.headers)


HANDLERS: dict[Any, Callable[..., Response]] = {
    ImageError: _not_served,
    NotServed: _not_served,
    ResnetBenchError: _failed,
    Busy: _busy,
    Closing: _closing,
    HTTPException: _http,
}
