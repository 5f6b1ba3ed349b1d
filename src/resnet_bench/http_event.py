"""An HTTP API event (payload format 2.0) to the image in it. Lambda imports this module.

Optional keys of the event may be absent, and header names may come in any case from other front ends than AWS's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from resnet_bench import wire
from resnet_bench.errors import ImageError


class NotServed(Exception):
    """Another path (404) or method (405) than ``POST /classify``."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


@dataclass(frozen=True)
class ReceivedImage:
    """The bytes, and how long JSON (``None`` for a raw body) and base64 took in seconds."""

    data: bytes = field(repr=False)
    json_parse_s: float | None
    base64_decode_s: float


def read_image(event: Any) -> ReceivedImage:
    """The image that a request carries, as JSON or raw.

    Raises:
        NotServed: the request is for something else.
        ImageError: ``no_image``, ``not_json`` or ``bad_base64``.
    """
    if not isinstance(event, dict):
        raise ImageError("the event is not one of an HTTP API", code="no_image")
    _check_route(event)
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise ImageError("the request has no body", code="no_image")
    encoded = bool(event.get("isBase64Encoded"))
    if encoded and _content_type(event).startswith("image/"):
        before_s = time.perf_counter()
        return ReceivedImage(wire.decode_base64(body), None, time.perf_counter() - before_s)
    text = wire.decode_base64(body) if encoded else body
    before_s = time.perf_counter()
    request = wire.parse_request(text)
    parsed_s = time.perf_counter()
    return ReceivedImage(wire.decode_base64(request.image), parsed_s - before_s, time.perf_counter() - parsed_s)


def _check_route(event: dict[str, Any]) -> None:
    """A stage's name may stand before the path."""
    http = _mapping(_mapping(event.get("requestContext")).get("http"))
    path, method = str(event.get("rawPath", "")), str(http.get("method", ""))
    if not path.endswith("/classify"):
        raise NotServed(404, "not_found", f"no such path: {path}; use POST /classify")
    if method != "POST":
        raise NotServed(405, "method_not_allowed", f"{method} is not supported; use POST", {"allow": "POST"})


def _content_type(event: dict[str, Any]) -> str:
    headers = _mapping(event.get("headers")).items()
    return next((str(value).lower() for name, value in headers if str(name).lower() == "content-type"), "")


def _mapping(value: Any) -> dict[str, Any]:
    """What a direct Invoke sends need not have the shape of an HTTP request."""
    return value if isinstance(value, dict) else {}
