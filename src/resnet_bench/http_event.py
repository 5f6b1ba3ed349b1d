"""A request to the image in it: an HTTP API event (payload format 2.0), or plain HTTP; and its refusal.

The handler reads events; a client that calls it past the API writes them, and reads the answer as the API would. A
server without Lambda reads the same requests as they arrive. All use this module, so they cannot drift apart. Lambda
imports it.

Optional keys of the event may be absent, and header names may come in any case from other front ends than AWS's.
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from resnet_bench import wire
from resnet_bench.errors import ForeignAnswer, ImageError
from resnet_bench.results.bounds import Status
from resnet_bench.unreadable import UNREADABLE, reason

CLASSIFY_PATH: Final = "/classify"
JSON_TYPE: Final = "application/json"
_TOO_LARGE: Final = frozenset({"image_too_large", "too_many_pixels", "too_complex"})


class NotServed(Exception):
    """Another path (404) or method (405) than ``POST /classify``."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


@dataclass(frozen=True)
class ReceivedImage:
    """The bytes, and how long JSON and base64 took in seconds; ``None`` of what they did not travel in."""

    data: bytes = field(repr=False)
    json_parse_s: float | None
    base64_decode_s: float | None


def read_image(event: Any) -> ReceivedImage:
    """The image that a request carries, as JSON or raw.

    Raises:
        NotServed: the request is for something else.
        ImageError: ``no_image``, ``not_json`` or ``bad_base64``.
    """
    if not isinstance(event, dict):
        raise ImageError("the event is not one of an HTTP API", code="no_image")
    http = _mapping(_mapping(event.get("requestContext")).get("http"))
    _check_route(str(event.get("rawPath", "")), str(http.get("method", "")))
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise ImageError("the request has no body", code="no_image")
    encoded = bool(event.get("isBase64Encoded"))
    if encoded and _is_image(_content_type(event)):
        before_s = time.perf_counter()
        return ReceivedImage(wire.decode_base64(body), None, time.perf_counter() - before_s)
    return _from_json(wire.decode_base64(body) if encoded else body)


def read_request(path: str, method: str, content_type: str, body: bytes) -> ReceivedImage:
    """As ``read_image``, of a request that no gateway has put into an event: a raw image has no base64 around it."""
    _check_route(path, method)
    if not body:
        raise ImageError("the request has no body", code="no_image")
    if content_type.lower().startswith("multipart/"):
        hint = "send the file itself: curl --data-binary @cat.jpg -H 'content-type: image/jpeg'"
        raise ImageError("the body is a form, and not an image", hint, code="not_json")
    return ReceivedImage(body, None, None) if _is_image(content_type) else _from_json(body)


def _from_json(text: str | bytes) -> ReceivedImage:
    before_s = time.perf_counter()
    request = wire.parse_request(text)
    parsed_s = time.perf_counter()
    return ReceivedImage(wire.decode_base64(request.image), parsed_s - before_s, time.perf_counter() - parsed_s)


def _check_route(path: str, method: str) -> None:
    """A stage's name may stand before the path."""
    if not path.endswith(CLASSIFY_PATH):
        raise NotServed(404, "not_found", f"no such path: {path}; use POST {CLASSIFY_PATH}")
    if method != "POST":
        raise NotServed(405, "method_not_allowed", f"{method} is not supported; use POST", {"allow": "POST"})


def _is_image(content_type: str) -> bool:
    return content_type.lower().startswith("image/")


def _content_type(event: dict[str, Any]) -> str:
    headers = _mapping(event.get("headers")).items()
    return next((str(value) for name, value in headers if str(name).lower() == "content-type"), "")


def _mapping(value: Any) -> dict[str, Any]:
    """What a direct Invoke sends need not have the shape of an HTTP request."""
    return value if isinstance(value, dict) else {}


def write_event(body: bytes, content_type: str) -> bytes:
    """The event, as JSON, by which an HTTP API would hand on ``POST /classify`` with this body.

    JSON travels as text and all else as base64, as through the API, so that the handler has the same work. Of the
    optional keys there are none.
    """
    as_text = content_type == JSON_TYPE
    event = {
        "version": "2.0",
        "routeKey": f"POST {CLASSIFY_PATH}",
        "rawPath": CLASSIFY_PATH,
        "rawQueryString": "",
        "headers": {"content-type": content_type},
        "requestContext": {"http": {"method": "POST", "path": CLASSIFY_PATH}, "stage": "$default"},
        "body": (body if as_text else base64.b64encode(body)).decode("ascii"),
        "isBase64Encoded": not as_text,
    }
    return msgspec.json.encode(event)


class HttpAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """What the handler returns: status, headers and body of an HTTP answer. Its body is always text."""

    status_code: Status
    body: str
    headers: dict[str, str] = {}


_http_answer = msgspec.json.Decoder(HttpAnswer)


def refusal(error: NotServed | ImageError) -> HttpAnswer:
    """What a request that cannot be served is answered: 4xx, with the reason as JSON."""
    if isinstance(error, NotServed):
        return HttpAnswer(error.status, wire.encode_fault(error.code, str(error)), error.headers)
    status = 413 if error.code in _TOO_LARGE else 400
    return HttpAnswer(status, wire.encode_fault(error.code, error.message, error.hint))


def read_http_answer(payload: bytes) -> HttpAnswer:
    """The answer that an HTTP API would make of what a function returned.

    Raises:
        ForeignAnswer: ``payload`` is not of that shape, so that another function must have returned it.
    """
    try:
        return _http_answer.decode(payload)
    except UNREADABLE as error:
        raise ForeignAnswer(
            f"the function's answer is not one to an HTTP API ({reason(error)})",
            "check that it is this program's handler",
        ) from None
