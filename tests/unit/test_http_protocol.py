"""What reaches a connection's transport, and in how many pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from resnet_bench import http_transport
from resnet_bench.http_transport import AtOnce

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Wire:
    """A transport that remembers what was done to it."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []
        self.unsent_bytes = 0

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def write_eof(self) -> None:
        self.done.append("eof")

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def is_closing(self) -> bool:
        return "close" in self.done


def after(act: Callable[[AtOnce], None], *, steps: int = 0) -> list[bytes | str]:
    """What was done to the transport at once, or some steps of the loop later."""

    async def run() -> list[bytes | str]:
        wire = Wire()
        act(AtOnce(wire, asyncio.get_running_loop()))
        for _ in range(steps):
            await asyncio.sleep(0)
        return [*wire.done]

    return asyncio.run(run())


def test_head_and_body_leave_in_one_piece_and_at_once() -> None:
    def answer(transport: AtOnce) -> None:
        transport.write(HEAD)
        transport.write(b"ok")

    assert after(answer) == [HEAD + b"ok"]
    assert after(answer, steps=2) == [HEAD + b"ok"]


def test_a_head_whose_body_is_long_in_coming_does_not_wait_for_it() -> None:
    assert after(lambda transport: transport.write(HEAD)) == []
    assert after(lambda transport: transport.write(HEAD), steps=1) == [HEAD]


def test_what_is_no_head_is_not_kept() -> None:
    assert after(lambda transport: transport.write(b"data: 1\n\n")) == [b"data: 1\n\n"]


def test_a_second_head_follows_the_first() -> None:
    def answer(transport: AtOnce) -> None:
        for part in (CONTINUE, HEAD, b"ok"):
            transport.write(part)

    assert b"".join(part for part in after(answer, steps=2) if isinstance(part, bytes)) == CONTINUE + HEAD + b"ok"


@pytest.mark.parametrize(("end", "expected"), [("close", [HEAD, "close"]), ("write_eof", [HEAD, "eof"])])
def test_an_end_comes_after_what_was_written(end: str, expected: list[bytes | str]) -> None:
    def answer(transport: AtOnce) -> None:
        transport.write(HEAD)
        getattr(transport, end)()

    assert after(answer, steps=2) == expected


def test_what_nobody_reads_is_given_up_some_time_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_transport, "LINGER_S", 0.0)

    async def run(unsent_bytes: int) -> list[bytes | str]:
        wire = Wire()
        wire.unsent_bytes = unsent_bytes
        AtOnce(wire, asyncio.get_running_loop()).close()
        await asyncio.sleep(0.01)
        return wire.done

    assert asyncio.run(run(1)) == ["close", "abort"]
    assert asyncio.run(run(0)) == ["close"]


def test_what_is_aborted_sends_nothing_more() -> None:
    def answer(transport: AtOnce) -> None:
        transport.write(HEAD)
        transport.abort()

    assert after(answer, steps=2) == ["abort"]


def test_all_else_is_the_transports_own() -> None:
    def answer(transport: AtOnce) -> None:
        assert not transport.is_closing()
        transport.close()
        assert transport.is_closing()

    after(answer)
