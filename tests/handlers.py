"""What the tests of the Lambda handler share: the handler on the emulated Lambda, and events for it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from emulated import FUNCTIONS, limiter
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Decode

IMAGES = Path(__file__).parents[1] / "images"
PHOTO = IMAGES / "chelsea.png"


def variables(model: Model, engine: str, decode: Decode = "exact") -> dict[str, str]:
    return {
        "RESNET_BENCH_MODEL": str(model.folder),
        "RESNET_BENCH_ENGINE": engine,
        "RESNET_BENCH_THREADS": "1",
        "RESNET_BENCH_DECODE": decode,
    }


def emulate_handler(
    model: Model, engine: str, handler: str = "resnet_bench.handler.handler", decode: Decode = "exact"
) -> EmulatedLambda:
    function = Function(
        handler, memory_mb=3008, variables=variables(model, engine, decode), task_root=str(FUNCTIONS), init_limit_s=60.0
    )
    return EmulatedLambda(function, limiter())


def event(body: bytes | str | None, *, content_type: str = "application/json", **changes: Any) -> dict[str, Any]:
    """A payload 2.0 event for ``POST /classify``; bytes travel as base64, as the gateway sends them."""
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/classify",
        "rawQueryString": "",
        "headers": {"content-type": content_type},
        "requestContext": {"http": {"method": "POST", "path": "/classify"}, "stage": "$default"},
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        made["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return made | changes


def bad_requests() -> dict[str, tuple[dict[str, Any], int, str]]:
    """Event, expected status and error code by name; every one must be answered and none may raise."""
    photo = PHOTO.read_bytes()
    get = {"http": {"method": "GET", "path": "/classify"}}
    return {
        "no body": (event(None), 400, "no_image"),
        "empty body": (event(""), 400, "no_image"),
        "not JSON": (event("image"), 400, "not_json"),
        "JSON without an image": (event('{"picture": ""}'), 400, "no_image"),
        "JSON that is no object": (event("[1]"), 400, "no_image"),
        "bad base64": (event('{"image": "a b"}'), 400, "bad_base64"),
        "empty image": (event('{"image": ""}'), 400, "corrupt_image"),
        "text for an image": (event(b"hello", content_type="image/jpeg"), 400, "unsupported_format"),
        "half a photograph": (event(photo[: len(photo) // 2], content_type="image/png"), 400, "corrupt_image"),
        "another path": (event("{}", rawPath="/other"), 404, "not_found"),
        "another method": (event("{}", requestContext=get), 405, "method_not_allowed"),
        "too many pixels": (event(bomb(), content_type="image/png"), 413, "too_many_pixels"),
    }


def bomb() -> bytes:
    """A PNG whose header announces 60,000 x 60,000 pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data
