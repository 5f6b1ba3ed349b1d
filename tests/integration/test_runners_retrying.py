"""Repeated calls over real sockets: a server that is busy, then breaks off, and then answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from resnet_bench.errors import HttpError
from resnet_bench.results.records import ClientTimes
from resnet_bench.runners.retrying import Retrying, RetryPolicy
from servers import ANSWER, PHOTO, Handler, answering, calling, receive, reply, serving

BUSY = b'{"message": "Service Unavailable"}'
# Real clocks and no waiting: how long the pauses are has its own tests.
AT_ONCE = RetryPolicy(base_s=0.0)


class Script:
    """Gives one reply for each request, in order, whichever connection it comes on; ``None`` closes the connection."""

    def __init__(self, *replies: bytes | None) -> None:
        self.replies = list(replies)
        self.requests: list[bytes] = []
        self.connections_count = 0

    def __call__(self, connection: socket.socket) -> None:
        self.connections_count += 1
        while self.replies:
            self.requests.append(receive(connection)[1])
            given = self.replies.pop(0)
            if given is None:
                return
            connection.sendall(given)


@contextmanager
def retrying(handle: Handler, policy: RetryPolicy = AT_ONCE) -> Iterator[Retrying]:
    with serving(handle) as url, calling(url) as runner:
        yield Retrying(runner, policy)


def test_a_call_that_meets_a_busy_server_and_a_lost_connection_is_answered_in_the_end() -> None:
    script = Script(reply(BUSY, 503), None, reply())
    with retrying(script) as runner:
        measured = runner.classify(PHOTO)
    assert measured.answer == ANSWER
    assert [(attempt.error, attempt.status) for attempt in measured.attempts] == [
        ("HttpError", 503),
        ("ConnectError", None),
    ]
    assert all(attempt.duration_s > 0 for attempt in measured.attempts)
    assert len({*script.requests}) == 1, "each try sends the same"
    assert isinstance(measured.client, ClientTimes)
    assert measured.client.connect_s is not None, "of the last try, which had to connect anew"
    assert script.connections_count == 2


def test_the_call_after_it_is_measured_as_if_nothing_had_been() -> None:
    script = Script(reply(BUSY, 503), reply(), reply())
    with retrying(script) as runner:
        first, second = (runner.classify(PHOTO) for _ in range(2))
    assert (len(first.attempts), second.attempts) == (1, ())


def test_a_server_that_stays_busy_is_a_failure_that_tells_of_every_try() -> None:
    script = Script(*[reply(BUSY, 503)] * 10)
    with retrying(script) as runner, pytest.raises(HttpError) as caught:
        runner.classify(PHOTO)
    assert [attempt.status for attempt in caught.value.attempts] == [503] * 3
    assert len(script.requests) == 4


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        *(("7", 7.0), ("0.5", 0.5), ("0", 0.0), ("-1", None), ("nan", None), ("inf", None), ("soon", None)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_how_long_a_server_asks_to_be_left_alone_is_read_in_seconds(asked: str, seconds: float | None) -> None:
    handle = answering(reply(BUSY, 429, retry_after=asked))
    with serving(handle) as url, calling(url) as runner, pytest.raises(HttpError) as caught:
        runner.classify(PHOTO)
    assert caught.value.retry_after_s == seconds
