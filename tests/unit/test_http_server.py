"""The server under every application of this program: ports that it cannot have, and clients without end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from raw_http import connected, everything, listening
from resnet_bench import http_protocol
from resnet_bench.errors import SetupError
from resnet_bench.http_server import HttpServer, read_body, respond

MB = 1_000_000
ASKED = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"


async def count(_scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of what it was sent."""
    await respond(send, 200, b"%d bytes" % len(await read_body(receive, 2 * MB)))


@contextmanager
def counting(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with listening(count, host=host) as server, connected(server, host) as connection:
        yield connection


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        (b"GET /", b"a"),
        (b"GET / HTTP/1.1\r\nx: ", b"a"),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n"),
        (ASKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n"),
    ],
)
def test_heads_and_trailers_without_end_are_not_kept(before: bytes, repeated: bytes) -> None:
    with counting() as connection:
        connection.sendall(before)
        sent = 0
        with suppress(ConnectionError):
            while sent < 100 * MB:
                sent += connection.send(repeated * 10_000)
        assert sent < 100 * MB


def test_a_long_head_is_refused_in_words() -> None:
    with counting() as connection:
        # One byte too many: with nothing unread the kernel ends the connection without a reset, which loses answers.
        connection.sendall(b"GET / HTTP/1.1\r\nx: ".ljust(64 * 1024 + 1, b"a"))
        said = everything(connection)
    assert said.startswith(b"HTTP/1.1 400")
    assert b"too long" in said


def test_a_long_body_in_small_chunks_is_none() -> None:
    with counting() as connection:
        connection.sendall(ASKED + b"8\r\n12345678\r\n" * (MB // 8) + b"0\r\n\r\n")
        assert everything(connection).endswith(b"1000000 bytes")


def test_who_connects_and_asks_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "_HEAD_S", 0.01)
    with counting() as connection:
        assert everything(connection) == b""


def test_two_that_take_a_port_at_the_same_time_do_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(*_: Any) -> None:
        raise AssertionError("nobody asks")

    async def start(port: int) -> None:
        async with asyncio.timeout(5):
            await HttpServer(app).start(port)

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        bind = socket.socket.bind

        def bind_and_be_late(listener: socket.socket, address: tuple[str, int]) -> None:
            bind(listener, address)
            other.listen()

        monkeypatch.setattr(socket.socket, "bind", bind_and_be_late)
        with pytest.raises(SetupError, match="cannot listen"):
            asyncio.run(start(other.getsockname()[1]))


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost"])
def test_what_is_served_on_this_machine_is_called_by_that_address(host: str) -> None:
    with counting(host) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: %b:80\r\nconnection: close\r\n\r\n" % host.encode())
        assert everything(connection).endswith(b"0 bytes")
