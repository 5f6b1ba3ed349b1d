"""One connection of the server: uvicorn's, with an end to what a client may say, and to how long it may take.

uvicorn keeps whatever stands around a body until that is whole: 100 MB of small headers, from whoever can connect, took
2 GB. It waits for ever for who says nothing, goes on saying a little, or does not read its answer; takes the fields
behind a chunked body for some of those before it; loses the body of a request that would also change the protocol; and
answers a second request that is none in the place of the first. It also writes head and body apart, for each of which
the client wakes up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from resnet_bench.http_head import objection
from resnet_bench.http_transport import AtOnce

# API Gateway takes 10 kB.
_HEAD_BYTES = 64 * 1024
_HEAD_S = 30.0
# More than what any application here waits for by itself, so that its own words come first.
BODY_S = 75.0
# Whoever reads an answer more slowly than this many bytes in this time does not read it.
_UNREAD_BYTES = 16 * 1024
_UNREAD_S = 30.0
# Requests that are sent before the first one is answered: nobody needs more, and each takes 5 kB.
_MOST_AHEAD = 16


class HttpProtocol(HttpToolsProtocol):
    """``body_s`` is how long a body may take; ``None``: as long as the connection lasts."""

    def __init__(self, *args: Any, body_s: float | None = BODY_S, **options: Any) -> None:
        super().__init__(*args, **options)
        self._body_s = body_s
        self._pending_bytes = 0
        self._in_head = True
        self._objection: str | None = None
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self.idle_since_s = 0.0

    # --- the connection ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(cast("asyncio.Transport", AtOnce(transport, self.loop)))
        self.idle_since_s = self.loop.time()
        self._wait_no_longer_than(_HEAD_S)
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer_than(None)
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Nobody waits for an answer here."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _make_room(self) -> None:
        """End one that asks nothing, of whoever has the most of those: silence keeps nobody out."""
        idle = [cast("HttpProtocol", each) for each in self.connections]
        idle = [each for each in idle if each is not self and each.is_idle and not each.transport.is_closing()]
        held = Counter(each.client[0] if each.client else "" for each in idle)
        if idle:
            most = max(idle, key=lambda each: (held[each.client[0] if each.client else ""], -each.idle_since_s))
            most.transport.abort()
            self.connections.discard(most)

    def _wait_no_longer_than(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self.loop.call_later(seconds, self.transport.close)

    # --- what is said -----------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._pending_bytes += len(data)
        self._unset_keepalive_if_required()
        if self._late is None and self.is_idle:
            self._wait_no_longer_than(_HEAD_S)  # for the whole of what has begun now
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self.send_400_response(self._objection or "Invalid HTTP request received.")
            return
        if self._pending_bytes > _HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # a trailer is none: it comes when who may ask what has been decided
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._pending_bytes = 0
        method, version = self.parser.get_method().decode("ascii"), self.parser.get_http_version()
        self._objection = objection(method, version, self.url, self.headers)
        if self._objection is None and len(self.pipeline) >= _MOST_AHEAD:
            self._objection = "Too many requests at a time."
        if self._objection is not None:
            raise ValueError(self._objection)  # so that nothing behind it is read either
        if self.parser.should_upgrade():
            return  # it comes again
        self._wait_no_longer_than(self._body_s)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._pending_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._pending_bytes = 0
        if self.parser.should_upgrade():
            return
        self._wait_no_longer_than(None)
        super().on_message_complete()

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """A server may do as if nobody had asked for another protocol (RFC 9110, section 7.8). The parser may not: it
        takes all that follows for that protocol, a body too."""
        fields = [(name, value) for name, value in self.headers if name != b"upgrade"]
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        lines += [b"%s: %s" % field for field in fields]
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join([*lines, b"", b""]) + rest)

    # --- what is answered -------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Where an answer is due: in the place of another one's it would be taken for that."""
        answered = self.cycle is None or (self.cycle.response_complete and not self.cycle.more_body)
        asking = self.cycle is not None and self.cycle.more_body and not self.cycle.response_started
        if not self.pipeline and (answered or asking):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        self.idle_since_s = self.loop.time()
        if self.cycle.more_body and not self.pipeline:
            self._wait_no_longer_than(_HEAD_S)  # for the rest of a body that nobody wants
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reading(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
        super().resume_writing()

    def _watch_reading(self, before_bytes: int) -> None:
        """End a connection whose client has stopped to read: what it does not take would stay in memory."""

        def look() -> None:
            now_bytes = self.transport.get_write_buffer_size()
            if now_bytes > before_bytes - _UNREAD_BYTES:
                self.transport.abort()
            else:
                self._watch_reading(now_bytes)

        self._unread = self.loop.call_later(_UNREAD_S, look)
