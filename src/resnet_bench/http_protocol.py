"""One connection of the server: uvicorn's, with an end to what a client may say before it has asked for anything.

uvicorn keeps whatever stands around a body until that is whole: 100 MB of small headers, from whoever can connect, took
2 GB. And who connects and says nothing holds one of the connections for ever. It also writes head and body apart, for
each of which the client wakes up.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# API Gateway takes 10 kB.
_HEAD_BYTES = 64 * 1024
_HEAD_S = 30.0
_STATUS_LINE = b"HTTP/1.1 "


class _AtOnce:
    """A transport that keeps an answer's head until its body comes, in the same step of the loop as a rule."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._head and data.startswith(_STATUS_LINE):
            self._head = data
            self._loop.call_soon(self._send)
        else:
            self._send(data)

    def write_eof(self) -> None:
        self._send()
        self._transport.write_eof()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def abort(self) -> None:
        self._head = b""
        self._transport.abort()

    def _send(self, data: bytes = b"") -> None:
        if whole := self._head + data:
            self._head = b""
            self._transport.write(whole)


class HttpProtocol(HttpToolsProtocol):
    """Ends a connection whose request has too long a head or trailer, or whose first head does not arrive."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pending_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(cast("asyncio.Transport", _AtOnce(transport, self.loop)))
        self._late = self.loop.call_later(_HEAD_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._pending_bytes += len(data)
        super().data_received(data)
        if self._pending_bytes > _HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_headers_complete(self) -> None:
        self._late.cancel()
        self._pending_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._pending_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._pending_bytes = 0
        super().on_message_complete()
