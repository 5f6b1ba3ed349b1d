"""The page's own server before its routes and behind them: whatever is asked, it is answered, and never by a 5xx."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from factories import make_run, make_settings
from fuzz.target import Target
from page_world import CAT, ENGINE, StagedSide, XRay
from resnet_bench import wire
from resnet_bench.web.access import Access
from resnet_bench.web.app import page_app
from resnet_bench.web.bench import Bench
from resnet_bench.web.classification import Facts
from resnet_bench.web.gallery import Gallery
from resnet_bench.web.saved import SavedResults
from resnet_bench.web.sides import Sides

_TOKEN = "a-token-of-letters"
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-page-"))
_ACCESSES = (Access("127.0.0.1", None), Access("127.0.0.1", _TOKEN))
_GALLERY = Gallery.of((CAT,))


def target(data: bytes) -> None:
    """A request: its first line and headers on lines of their own, an empty line, a body."""
    head, _, body = data.partition(b"\n\n")
    first, *rest = head.split(b"\n")
    method, _, address = first.partition(b" ")
    path, _, query = address.partition(b"?")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in rest)]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "scheme": "http",
        "root_path": "",
        "method": method.decode("latin-1"),
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "http_version": "1.1",
        "headers": headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1234),
    }
    for access in _ACCESSES:
        start, *chunks = asyncio.run(asked(access, scope, body))
        assert 200 <= start["status"] < 500, start
        assert all(b"\n" not in value and b"\r" not in value for _, value in start["headers"])
        assert b"content-security-policy" in {name for name, _ in start["headers"]}
        if access.token and start["status"] == 200:
            assert any(access.ticket.encode() in value or _TOKEN.encode() in value for _, value in headers)
        assert all(chunk["type"] == "http.response.body" for chunk in chunks)


async def asked(access: Access, scope: dict[str, Any], body: bytes) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    read = False

    async def receive() -> dict[str, Any]:
        nonlocal read
        if read:
            return {"type": "http.disconnect"}
        read = True
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    bench = _bench()
    app = page_app(bench, _GALLERY, SavedResults(_FOLDER), _FACTS, access)
    try:
        with contextlib.suppress(TimeoutError):  # a stream of events has no end of its own
            async with asyncio.timeout(5):
                await app({**scope}, receive, send)
    finally:
        await bench.close()
    return sent


def _bench() -> Bench:
    local, remote = StagedSide("local", 0.075), StagedSide("remote", 0.21)
    settings = make_settings(command="serve", engines=(ENGINE,), runs=0, warmup=0, cold=0)
    sides = Sides(
        ENGINE,
        {"local": local, "remote": remote},
        refresh=XRay().refresh,
        forces_cold=True,
        kept=lambda sample: sample,
    )
    return Bench(sides, make_run(samples=(), images=(), settings=settings), ask_every_s=0.0, paint_s=0.0)


_FACTS = Facts(
    headline=("a", "b"), warning="", samples=_GALLERY.names, forces_cold=True, limit_bytes=wire.IMAGE_LIMIT_BYTES
)


def seeds() -> Iterator[bytes]:
    host = b"\nhost: 127.0.0.1"
    yield b"GET /" + host + b"\n\n"
    yield b"GET /?token=" + _TOKEN.encode() + host + b"\n\n"
    yield b"GET /history" + host + b"\nauthorization: Bearer " + _TOKEN.encode() + b"\n\n"
    yield b"GET /history" + host + b"\ncookie: a=b; resnet_bench_12345678=x\n\n"
    yield b"POST /classify?name=a.png&cold=1" + host + b"\norigin: http://127.0.0.1\ncontent-type: image/png\n\n\x89PNG"
    yield (
        b"POST /classify" + host + b"\nsec-fetch-site: same-origin\ncontent-type: multipart/form-data; boundary=x\n\nx"
    )
    yield b"POST /results" + host + b"\n\n"
    for place in (b"static/page.css", b"static/..%2f", b"samples/x", b"thumbnails/x", b"classifications/9999999999999"):
        yield b"GET /" + place + host + b"\n\n"
    yield b"GET /classifications/1/events" + host + b"\n\n"
    yield b"GET /results/..%2f..%2fa.json" + host + b"\nhost: b\n\n"


WORDS = (
    *(b"\nhost: localhost", b"\norigin: ", b"\nsec-fetch-site: cross-site", b"\nprefer: respond-async", b"\ncookie: "),
    *(b"%2e%2e%2f", b"%00", b"?name=", b"&cold=1", b"\ncontent-length: ", b"\nif-none-match: ", b"%ff", b"[::1]"),
)
TARGET = Target(target, seeds, dictionary=WORDS, longest=1500, cpu_s=2.0)
