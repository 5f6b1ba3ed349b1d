"""Turns: one at a time, in the order asked, and none begun while the server ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from resnet_bench.web.turns import Closing, Turns


def test_jobs_run_one_after_the_other_in_one_thread_in_the_order_asked() -> None:
    inside, most, order, threads = 0, 0, [], set()

    def job(number: int) -> int:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        order.append(number)
        threads.add(threading.get_ident())
        inside -= 1
        return number

    async def all_of_them() -> list[int]:
        turns = Turns()
        done = await asyncio.gather(*(turns.exclusively(partial(job, number)) for number in range(20)))
        await turns.close()
        return done

    assert asyncio.run(all_of_them()) == list(range(20))
    assert order == list(range(20))
    assert most == 1
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_who_is_cancelled_keeps_the_turn_until_the_work_has_ended() -> None:
    entered, gate, events = threading.Event(), threading.Event(), []

    def slow() -> None:
        entered.set()
        gate.wait()
        events.append("slow ended")

    async def run() -> None:
        turns = Turns()
        first = asyncio.create_task(turns.exclusively(slow))
        await asyncio.to_thread(entered.wait)
        second = asyncio.create_task(turns.exclusively(lambda: events.append("second")))
        first.cancel()
        await asyncio.sleep(0)
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second
        await turns.close()

    asyncio.run(run())
    assert events == ["slow ended", "second"]


def test_a_failure_is_its_askers_and_the_next_one_has_its_turn() -> None:
    def fail() -> None:
        raise ValueError("no")

    async def run() -> str:
        turns = Turns()
        with pytest.raises(ValueError, match="no"):
            await turns.exclusively(fail)
        done = await turns.exclusively(lambda: "done")
        await turns.close()
        return done

    assert asyncio.run(run()) == "done"


def test_nothing_begins_once_it_is_closing() -> None:
    async def run() -> None:
        turns = Turns()
        await turns.close()
        with pytest.raises(Closing):
            await turns.exclusively(lambda: None)

    asyncio.run(run())


def test_work_that_does_not_end_keeps_the_program_from_nothing() -> None:
    program = (
        "import threading\nfrom resnet_bench.web.turns import Turns\nTurns()._worker.submit(threading.Event().wait)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
