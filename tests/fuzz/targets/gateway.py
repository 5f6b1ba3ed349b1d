"""The emulated HTTP API: any request becomes an event or is refused, any payload an answer that keeps to HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from resnet_bench.emulator.gateway import Gateway
from resnet_bench.emulator.invocation import Reply

_SENDABLE = re.compile(rb"[^\r\n\0]*")


class Service:
    """Keeps the event, and answers with a payload."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.events: list[bytes] = []

    async def submit(self, event: bytes) -> Any:
        self.events.append(event)
        self.answered = asyncio.get_running_loop().create_future()
        self.answered.set_result(Reply(self.payload))
        return self


def target(data: bytes) -> None:
    """As payload; and as a request: target and headers on lines of their own, then a body."""
    head, _, body = data.partition(b"\n\n")
    first, *rest = head.split(b"\n")
    method, _, address = first.partition(b" ")
    path, _, query = address.partition(b"?")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in rest)]
    scope = {
        "type": "http",
        "method": method.decode("latin-1"),
        "path": unquote(path.decode("latin-1")),
        "query_string": query,
        "http_version": "1.1",
        "headers": headers,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1234),
    }
    service = Service(data)
    sent = asyncio.run(asked(service, scope, body))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert 200 <= sent[0]["status"] < 600
    for name, value in sent[0]["headers"]:
        assert re.fullmatch(rb"[!#$%&'*+.^_`|~0-9a-z-]+", name), name
        assert _SENDABLE.fullmatch(value), value
    for event in service.events:
        read = json.loads(event)
        assert isinstance(read["headers"], dict)
        assert bool(body) == ("body" in read)


async def asked(service: Service, scope: dict[str, Any], body: bytes) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await Gateway(service, timeout_s=5.0)(scope, receive, send)
    return sent


def seeds() -> Iterator[bytes]:
    yield b"POST /classify?a=1&a=2&b=&%ff=%00\ncontent-type: image/png\ncookie: a=b; c=d\nhost: h\n\n\x89PNG"
    yield b'POST /classify\ncontent-type: application/json\ncontent-length: 3\nx: 1\nx: 2\n\n{"image": ""}'
    yield b"OPTIONS /\norigin: http://x\naccess-control-request-method: POST\n\n"
    yield b'{"statusCode": 200, "headers": {"a": "b"}, "cookies": ["a=b"], "body": "AAAA", "isBase64Encoded": true}'
    yield b'{"statusCode": "404", "body": null}'
    yield b'"text"'


WORDS = ("statusCode", "headers", "cookies", "body", "isBase64Encoded", "content-type", "transfer-encoding", "a\r\nb")
TARGET = Target(target, seeds, document_mutator(*WORDS), (b"content-length:", b"cookie:", b"origin:", b"%00", b"\n\n"))
