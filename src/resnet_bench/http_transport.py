"""How an answer leaves: in one piece, and not for longer than somebody reads it."""

from __future__ import annotations

import asyncio
from typing import Any

_STATUS_LINE = b"HTTP/1.1 "
# For what is still unsent when a connection is closed: a client that does not read would keep it open for ever.
LINGER_S = 30.0


class AtOnce:
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
        if self._transport.get_write_buffer_size():
            self._loop.call_later(LINGER_S, self._transport.abort)

    def abort(self) -> None:
        self._head = b""
        self._transport.abort()

    def _send(self, data: bytes = b"") -> None:
        if whole := self._head + data:
            self._head = b""
            self._transport.write(whole)
