"""Small HTTP servers in threads that answer as they are told, and a client that calls them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from factories import make_answer, make_deployment
from resnet_bench import wire
from resnet_bench.errors import (
    RemoteError,
    ResnetBenchError,
)
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import Deployment
from resnet_bench.runners.base import Photo
from resnet_bench.runners.remote import RemoteRunner

IMAGES = Path(__file__).parents[1] / "images"
PHOTO = Photo("chelsea.png", str(IMAGES / "chelsea.png"))
_MADE = make_answer(0.2, side="remote")
# Without the id of a request: with one it would answer a single call.
ANSWER = replace(_MADE, identity=replace(_MADE.identity, request_id=None))
GOOD = wire.encode_answer(ANSWER).encode()

Handler = Callable[[socket.socket], None]


class Deployed:
    """An endpoint of which only the URL is known."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.settled: list[str] = []
        self.closed = 0

    def deployment(self) -> Deployment:
        return make_deployment()

    def force_cold(self) -> None:
        raise AssertionError("nobody asked for it")

    def settle(self, environment_id: str) -> int | Skipped:
        self.settled.append(environment_id)
        return 123

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def refresh(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self.closed += 1


@contextmanager
def serving(
    handle: Handler, context: ssl.SSLContext | None = None, *, listener: socket.socket | None = None
) -> Iterator[str]:
    """A server whose every connection ``handle`` gets; the address to call, unless it is one of another family."""
    listener = listener or socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if context is None:
                handle(connection)
            else:
                with context.wrap_socket(connection, server_side=True) as tls:
                    handle(tls)

    def accept() -> None:
        with suppress(OSError):  # closed below
            while True:
                threading.Thread(target=one, args=listener.accept()[:1], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def receive(connection: socket.socket) -> tuple[dict[str, str], bytes]:
    """One whole request: its headers (and ``:line``) and its body; nothing more comes if the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    headers = {":line": line} | {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return headers, body


def reply(body: bytes = GOOD, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answering(*replies: bytes) -> Handler:
    """Each connection gets these, one for each request, the last for all that follow."""

    def handle(connection: socket.socket) -> None:
        for given in (*replies[:-1], *[replies[-1]] * 100):
            receive(connection)
            connection.sendall(given)

    return handle


def once(given: bytes) -> Handler:
    """Answer one request and close the connection."""

    def handle(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(given)

    return handle


@contextmanager
def calling(url: str, **options: Any) -> Iterator[RemoteRunner]:
    runner = RemoteRunner(Deployed(url), "torch", **options)
    try:
        yield runner
    finally:
        runner.close()


def failure(handle: Handler, context: ssl.SSLContext | None = None) -> ResnetBenchError:
    """What a call to such a server raises; every such error has one line and a next step."""
    with serving(handle, context) as url, calling(url) as runner, pytest.raises(ResnetBenchError) as caught:
        runner.classify(PHOTO)
    assert caught.value.message
    assert caught.value.message.isprintable(), "one line, and nothing that could steer a terminal"
    assert caught.value.hint
    return caught.value
