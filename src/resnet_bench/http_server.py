"""An ASGI application on a port, inside a running event loop, and small helpers for such applications."""

from __future__ import annotations

import asyncio
import errno
import json
import re
import socket
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from resnet_bench.errors import SetupError
from resnet_bench.http_protocol import BODY_S, HttpProtocol
from resnet_bench.loopback import LOOPBACK, is_loopback
from resnet_bench.units import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Whoever is led here by another name has been led by a page of that name (DNS rebinding), which may then read answers.
_OWN_NAMES = re.compile(rb"(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?", re.IGNORECASE)
_TICK_S = 1.0
_BODILESS = frozenset({204, 304})  # RFC 9110, sections 15.3.5 and 15.4.5


class BodyTooLarge(Exception):
    """The client sent more than the limit; what came after it was not kept."""


class ClientGone(Exception):
    """The client closed the connection before it had sent its whole request."""


async def read_body(receive: Receive, limit_bytes: int, announced: str | None = None) -> bytes:
    """The request's body, refused while it is read and not after it has filled memory.

    With the size that the client has ``announced`` (Content-Length) it is refused before it is read.

    Raises:
        BodyTooLarge: more than ``limit_bytes``.
        ClientGone: the connection ended early.
    """
    if announced is not None and announced.isdecimal():
        told = whole(announced)  # None: more digits than any body has bytes
        if told is None or told > limit_bytes:
            raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit_bytes:
            raise BodyTooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def respond(send: Send, status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
    """One whole answer. Names are lower case; values outside latin-1 cannot travel in a header and are replaced."""
    raw = [(name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers]
    if status in _BODILESS:
        body = b""  # a client takes what follows such an answer for the start of the next one
    else:
        raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, document: object, headers: Iterable[tuple[str, str]] = ()) -> None:
    await respond(send, status, json.dumps(document).encode(), [("content-type", "application/json"), *headers])


def _is_wrong_host(error: OSError) -> bool:
    return isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL


def programs_only(app: App) -> App:
    """``app`` for what is no browser: no page has any business there, and pages of other sites can send what they like.

    Each browser says of which page it asks, unless that is this server's own (https://www.w3.org/TR/fetch-metadata/).
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"origin" or name.startswith(b"sec-fetch-") for name, _ in scope["headers"]):
            await respond_json(send, 403, {"message": "Forbidden: not for browsers"})
        else:
            await app(scope, receive, send)

    return guarded


def loopback_only(app: App) -> App:
    """``app`` for requests whose Host is this machine by its loopback names; 403 for all others."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if hosts and all(map(_OWN_NAMES.fullmatch, hosts)):
            await app(scope, receive, send)
        else:
            await respond_json(send, 403, {"message": "Forbidden: call this server by 127.0.0.1 or localhost"})

    return guarded


class _Server(uvicorn.Server):
    """Ends the moment that it is told to; uvicorn's own looks ten times a second whether it has been."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def tell_to_end(self) -> None:
        self.should_exit = self.force_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # 0: each time it renews the Date header
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._told.wait()


class HttpServer:
    """Serves ``app`` on ``host``; on loopback, to those only who call it so.

    Where there are ``most_connections``, one that asks nothing is ended for whoever comes; if all ask, that one is
    answered 503. ``body_s`` is how long a request's body may take; ``None``: as long as its client likes.
    """

    def __init__(
        self,
        app: App,
        *,
        host: str = LOOPBACK,
        keep_alive_s: int = 75,
        most_connections: int | None = None,
        body_s: float | None = BODY_S,
    ) -> None:
        self._host = host
        config = uvicorn.Config(
            loopback_only(app) if is_loopback(host) else app,
            interface="asgi3",
            proxy_headers=False,
            http=cast("type[asyncio.Protocol]", partial(HttpProtocol, body_s=body_s)),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # what is no HTTP is answered so; it is no news for the terminal
            access_log=False,
            server_header=False,
            timeout_keep_alive=keep_alive_s,
            limit_concurrency=most_connections,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self, port: int = 0) -> int:
        """Listen, and return the port; 0 takes a free one.

        Raises:
            SetupError: the port is taken or not allowed, or the host is not this machine.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # asyncio turns Nagle's algorithm off only where the protocol is named; with it, each answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, port))
            listener.listen()  # two may be bound to a port, and one of them may listen
        except OSError as error:
            listener.close()
            raise SetupError(f"cannot listen on {self._host}:{port}: {error.strerror}", self._hint(error)) from None
        self.port = int(listener.getsockname()[1])
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._task.done():  # it could not: for want of files, say
                listener.close()
                await self._task
            await asyncio.sleep(0.001)
        return self.port

    def _hint(self, error: OSError) -> str:
        if not _is_wrong_host(error):
            return "choose another --port, or 0"
        return "bring it up: ip link set lo up" if self._host == LOOPBACK else "name an address of this machine"

    def stop(self) -> asyncio.Task[None] | None:
        """Ask it to end; the task to wait for, if it was running."""
        self._server.tell_to_end()
        return self._task
