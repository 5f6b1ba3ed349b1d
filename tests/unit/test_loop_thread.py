"""A loop on a thread of its own: who calls while it ends is not left waiting."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError

import pytest

from resnet_bench.loop_thread import LoopThread


async def nothing() -> None:
    pass


async def one() -> int:
    return 1


def test_it_runs_what_it_is_given_and_ends_twice() -> None:
    thread = LoopThread("loop", nothing)
    thread.start(nothing)
    assert thread.call(one()) == 1
    thread.close()
    thread.close()


def test_a_call_after_the_end_is_refused_and_leaves_no_coroutine_behind() -> None:
    thread = LoopThread("loop", nothing)
    thread.start(nothing)
    thread.close()
    with pytest.raises(RuntimeError, match="closed"):
        thread.call(one())


def test_a_call_that_is_under_way_ends_with_the_loop() -> None:
    thread = LoopThread("loop", nothing)
    thread.start(nothing)
    begun, ends = threading.Event(), []

    async def forever() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        with pytest.raises(CancelledError) as caught:
            thread.call(forever())
        ends.append(caught.type)

    caller = threading.Thread(target=call)
    caller.start()
    assert begun.wait(30)
    thread.close()
    caller.join(30)
    assert ends


def test_a_call_that_comes_while_the_loop_stops_is_not_waited_for_forever() -> None:
    thread = LoopThread("loop", nothing)
    thread.start(nothing)
    loop, ends = thread._loop, []

    def call() -> None:
        with pytest.raises(CancelledError) as caught:
            thread.call(one())
        ends.append(caught.type)

    caller = threading.Thread(target=call)
    stopped, joined = thread._thread.join, threading.Event()

    def join(timeout: float) -> None:
        stopped(timeout)
        assert not loop.is_running()
        caller.start()
        assert joined.wait(30)

    thread._thread.join = join
    scheduled = loop.call_soon_threadsafe

    def schedule(*given: object) -> object:
        found = scheduled(*given)
        if threading.current_thread() is caller:
            joined.set()
        return found

    loop.call_soon_threadsafe = schedule
    thread.close()
    caller.join(30)
    assert ends
