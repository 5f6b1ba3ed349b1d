"""Workers and the queue before them: who works at once, who waits, who is refused. The engine is a stub."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from factories import make_answer, make_stages
from resnet_bench.errors import ImageError
from resnet_bench.http_event import ReceivedImage
from resnet_bench.results.records import Answer, Identity
from resnet_bench.server.pool import QUEUE_PER_WORKER, Busy, Pool

PATIENCE_S = 30.0
STAGES = replace(make_stages(), cpu_wait_s=0.001)


class StubAnswerer:
    """Answers at once, but for ``b"wait"``: that takes until ``gate`` opens."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)
        self.seen: list[bytes] = []

    def answer(self, data: bytes, identity: Identity, **times: Any) -> Answer:
        self.seen.append(data)
        if data == b"wait":
            self.begun.release()
            assert self.gate.wait(PATIENCE_S)
        if data == b"bad":
            raise ImageError("not an image", code="corrupt_image")
        return replace(make_answer(), identity=identity, stages=STAGES)


def image(data: bytes) -> Callable[[], ReceivedImage]:
    return lambda: ReceivedImage(data, None, None)


def begun(answerer: StubAnswerer) -> None:
    assert answerer.begun.acquire(timeout=PATIENCE_S)


def test_each_engine_is_warm_before_the_first_call_and_no_call_is_a_cold_start() -> None:
    answerers = [StubAnswerer(), StubAnswerer()]
    pool = Pool(answerers)
    assert [len(each.seen) for each in answerers] == [1, 1]
    assert all(each.seen[0].startswith(b"\x89PNG") for each in answerers)
    answer = asyncio.run(pool.classify(image(b"one")))
    assert (answer.identity.invocation_count, answer.identity.cold_start) == (3, False)
    pool.close()


def test_no_engine_gets_two_calls_at_once_and_all_work_side_by_side() -> None:
    answerers = [StubAnswerer(), StubAnswerer()]
    pool = Pool(answerers)

    async def call() -> list[Answer]:
        calls = [asyncio.ensure_future(pool.classify(image(b"wait"))) for _ in range(3)]
        for answerer in answerers:
            await asyncio.to_thread(begun, answerer)
        assert [each.seen.count(b"wait") for each in answerers] == [1, 1], "the third waits"
        for answerer in answerers:
            answerer.gate.set()
        return await asyncio.gather(*calls)

    counts = sorted(answer.identity.invocation_count for answer in asyncio.run(call()))
    assert counts == [3, 4, 5]
    pool.close()


def test_beyond_the_queue_calls_are_refused_until_there_is_room_again() -> None:
    answerer = StubAnswerer()
    pool = Pool([answerer], queue_length=1)

    async def call() -> None:
        inside = [asyncio.ensure_future(pool.classify(image(b"wait"))) for _ in range(2)]
        await asyncio.to_thread(begun, answerer)
        with pytest.raises(Busy, match="all 1 workers are busy, and 1 requests wait"):
            await pool.classify(image(b"one too many"))
        answerer.gate.set()
        await asyncio.gather(*inside)
        await pool.classify(image(b"later"))

    asyncio.run(call())
    assert answerer.seen[1:] == [b"wait", b"wait", b"later"]
    pool.close()


def test_the_queue_grows_with_the_workers() -> None:
    pool = Pool([StubAnswerer(), StubAnswerer()])
    assert pool.queue_length == 2 * QUEUE_PER_WORKER
    pool.close()


def test_a_refused_image_leaves_its_worker_free_for_the_next() -> None:
    pool = Pool([StubAnswerer()], queue_length=0)

    async def call() -> Answer:
        with pytest.raises(ImageError):
            await pool.classify(image(b"bad"))
        return await pool.classify(image(b"good"))

    assert asyncio.run(call()).predictions
    pool.close()


@pytest.mark.parametrize(("workers", "told"), [(1, 0.001), (2, None)])
def test_whose_wait_for_a_cpu_it_was_is_told_only_where_calls_do_not_overlap(workers: int, told: float | None) -> None:
    pool = Pool([StubAnswerer() for _ in range(workers)])
    assert asyncio.run(pool.classify(image(b"one"))).stages.cpu_wait_s == told
    pool.close()
