"""Cutting a connection whose exchange takes too long, on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from resnet_bench.runners.time_limit import TimeLimit, Watch
from sandboxes import wait_until

_PATIENCE_S = 30.0
_FAR_S = 1000.0


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(_PATIENCE_S)
    with ours, theirs:
        yield ours, theirs


def test_whoever_reads_finds_the_connection_closed_when_the_time_is_over(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with TimeLimit(Watch()) as limit:
        limit.uses(pair[0])
        limit.end_in(0.01)
        assert pair[0].recv(1) == b""
    assert limit.passed


def test_a_connection_that_comes_after_the_end_is_cut_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    with TimeLimit(Watch()) as limit:
        limit.end_in(0.0)
        wait_until(lambda: limit.passed, "the end", timeout_s=_PATIENCE_S)
        limit.uses(pair[0])
        assert pair[0].recv(1) == b""


def test_what_has_ended_in_time_is_not_cut_later(pair: tuple[socket.socket, socket.socket]) -> None:
    now_s = 0.0
    watch = Watch(lambda: now_s)
    with TimeLimit(watch) as ended:
        ended.uses(pair[0])
        ended.end_in(0.05)
    now_s = 1.0
    with TimeLimit(watch) as other:
        other.end_in(0.0)
        wait_until(lambda: other.passed, "the end of the other", timeout_s=_PATIENCE_S)
    assert not ended.passed
    pair[1].sendall(b"x")
    assert pair[0].recv(1) == b"x"


def test_a_nearer_end_is_not_missed_for_a_farther_one(pair: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch()
    with TimeLimit(watch) as far, TimeLimit(watch) as near:
        far.end_in(_FAR_S)
        near.uses(pair[0])
        near.end_in(0.01)
        assert pair[0].recv(1) == b""
    assert not far.passed


def test_a_limit_that_is_set_again_counts_from_then(pair: tuple[socket.socket, socket.socket]) -> None:
    now_s = 0.0
    watch = Watch(lambda: now_s)
    with TimeLimit(watch) as limit, TimeLimit(watch) as other:
        limit.uses(pair[0])
        limit.end_in(0.05)
        limit.end_in(_FAR_S)
        now_s = 1.0
        other.end_in(0.0)
        wait_until(lambda: other.passed, "the end of the other", timeout_s=_PATIENCE_S)
        assert not limit.passed


def test_a_closed_connection_needs_no_cutting(pair: tuple[socket.socket, socket.socket]) -> None:
    with TimeLimit(Watch()) as limit:
        limit.uses(pair[0])
        pair[0].close()
        limit.end_in(0.0)
        wait_until(lambda: limit.passed, "the end", timeout_s=_PATIENCE_S)


def test_all_exchanges_share_one_thread_that_ends_with_the_last() -> None:
    def watching() -> int:
        return sum(thread.name == "time-limits" for thread in threading.enumerate())

    before = watching()
    watch = Watch()
    limits = [TimeLimit(watch) for _ in range(50)]
    for limit in limits:
        limit.end_in(_FAR_S)
    assert watching() <= before + 1
    for limit in limits[1:]:
        watch.forget(limit)
    limits[0].end_in(0.0)
    wait_until(lambda: watching() <= before, "the thread has ended", timeout_s=_PATIENCE_S)
