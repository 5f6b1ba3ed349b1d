"""This program's HTTP server, with an application that tells what it was given, and clients that send bytes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resnet_bench.http_server import ClientGone, HttpServer, read_body, respond
from resnet_bench.loop_thread import LoopThread

if TYPE_CHECKING:
    from resnet_bench.http_server import App

_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Request:
    """As the application sees it."""

    method: str
    target: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass
class Witness:
    """An application that answers each request with its place among all, and keeps it."""

    seen: list[Request] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with suppress(ClientGone):
            body = await read_body(receive, 2_000_000)
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            fields = tuple((name, value) for name, value in scope["headers"])
            self.seen.append(Request(scope["method"], scope["raw_path"] + query, fields, body))
            await respond(send, 200, b"%d" % len(self.seen))


@contextmanager
def listening(app: App, **options: Any) -> Iterator[HttpServer]:
    """``options`` are those of ``HttpServer``."""
    server = HttpServer(app, **options)

    async def end() -> None:
        task = server.stop()
        assert task is not None
        await task

    thread = LoopThread("server", end)
    thread.start(server.start)
    try:
        yield server
    finally:
        thread.close()


@contextmanager
def connected(server: HttpServer, host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.create_connection((host, server.port), _PATIENCE_S) as connection:
        yield connection


def everything(connection: socket.socket) -> bytes:
    """Until the server ends the connection, one way or the other."""
    said = b""
    with suppress(ConnectionResetError):
        while more := connection.recv(65536):
            said += more
    return said


def told(server: HttpServer, raw: bytes) -> bytes:
    """All that is answered to these bytes, after which the server ends the connection."""
    with connected(server) as connection:
        with suppress(OSError):  # it may have ended the connection before all was sent
            connection.sendall(raw)
        return everything(connection)


def head(*fields: bytes, line: bytes = b"POST / HTTP/1.1", host: bytes = b"127.0.0.1") -> bytes:
    return b"\r\n".join([line, b"host: " + host, *fields, b"", b""])
