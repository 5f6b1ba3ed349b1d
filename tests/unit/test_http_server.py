"""The server under every application of this program: what it says of a port that it cannot have."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from resnet_bench.errors import SetupError
from resnet_bench.http_server import HttpServer


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
