"""How long a server waits, and for whom: nobody holds it shut by saying nothing, little, or by not listening."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from raw_http import Witness, connected, everything, head, listening, told
from resnet_bench import http_protocol
from resnet_bench.http_server import programs_only, respond
from sandboxes import wait_until

SOON_S = 0.05
GET = head(line=b"GET / HTTP/1.1")
LAST = head(b"connection: close", line=b"GET / HTTP/1.1")


@pytest.mark.parametrize("begun", [b"GET / HT", b"\r\n"])
def test_a_second_head_is_not_waited_for_longer_than_the_first(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Witness()) as server, connected(server) as connection:
        connection.sendall(GET)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        monkeypatch.setattr(http_protocol, "_HEAD_S", SOON_S)
        connection.sendall(begun)
        assert everything(connection) == b""


def test_a_drip_keeps_no_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte of it, too, is one before the end."""
    monkeypatch.setattr(http_protocol, "_HEAD_S", 10 * SOON_S)
    with listening(Witness()) as server, connected(server) as connection:
        connection.sendall(GET)
        connection.settimeout(SOON_S)
        ended = False
        for _ in range(10_000):
            try:
                connection.sendall(b"\r\n")
                ended = connection.recv(65536) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
            if ended:
                break
        assert ended


def test_a_body_is_not_waited_for_without_end_either() -> None:
    witness = Witness()
    with listening(witness, body_s=SOON_S) as server:
        assert told(server, head(b"content-length: 10") + b"half") == b""
    assert witness.seen == []


def test_the_rest_of_a_body_that_nobody_wants_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_scope: Any, _receive: Any, send: Any) -> None:
        await respond(send, 413, b"too long")

    monkeypatch.setattr(http_protocol, "_HEAD_S", 10 * SOON_S)
    with listening(refuse) as server:
        assert told(server, head(b"content-length: 10000000") + b"begun").endswith(b"too long")


def test_who_does_not_read_its_answer_holds_it_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "_UNREAD_S", SOON_S)

    async def much(_scope: Any, _receive: Any, send: Any) -> None:
        await respond(send, 200, bytes(50_000_000))

    with listening(much) as server, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(GET)
        deaf.recv(1)
        wait_until(lambda: not server._server.server_state.connections, "the end of it")


def test_who_says_nothing_keeps_nobody_out() -> None:
    witness = Witness()
    with listening(witness, most_connections=8) as server, ExitStack() as open_:
        for _ in range(30):
            open_.enter_context(connected(server))
        assert told(server, LAST).startswith(b"HTTP/1.1 200 ")


def test_room_is_made_where_most_is_held_for_nothing() -> None:
    """By the address of whoever has the most, so that a guest with one connection keeps it."""
    with listening(Witness(), host="0.0.0.0", most_connections=8) as server, ExitStack() as open_:
        guest = open_.enter_context(
            socket.create_connection(("127.0.0.1", server.port), 30, source_address=("127.0.0.2", 0))
        )
        guest.sendall(GET)
        assert guest.recv(65536).startswith(b"HTTP/1.1 200 ")
        for _ in range(30):
            open_.enter_context(connected(server)).sendall(b"GET / HT")
        assert told(server, LAST).startswith(b"HTTP/1.1 200 "), "by now all of them have been seen"
        guest.sendall(LAST)
        assert everything(guest).startswith(b"HTTP/1.1 200 ")


def test_where_all_ask_the_next_one_is_told_that_there_are_too_many() -> None:
    busy = asyncio.Event()

    async def wait(_scope: Any, _receive: Any, send: Any) -> None:
        await busy.wait()
        await respond(send, 200)

    with listening(wait, most_connections=3) as server, ExitStack() as open_:
        for _ in range(2):
            open_.enter_context(connected(server)).sendall(GET)
        wait_until(lambda: len(server._server.server_state.tasks) == 2, "two that ask")
        assert told(server, LAST).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(
    "field", [b"origin: https://other.example", b"origin: null", b"sec-fetch-site: cross-site", b"sec-fetch-mode: x"]
)
def test_a_server_for_programs_answers_no_page(field: bytes) -> None:
    witness = Witness()
    with listening(programs_only(witness)) as server:
        assert told(server, head(field, b"connection: close", line=b"GET / HTTP/1.1")).startswith(b"HTTP/1.1 403 ")
        assert told(server, LAST).startswith(b"HTTP/1.1 200 ")
    assert len(witness.seen) == 1
