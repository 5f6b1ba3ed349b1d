"""Waiting for environments that have answered, with false invocations."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from emulated import limiter
from resnet_bench.emulator.account import Job
from resnet_bench.emulator.function import Function
from resnet_bench.emulator.invocation import Reply
from resnet_bench.emulator.service import LambdaService
from resnet_bench.emulator.tracing import Timeline, TraceContext


def running(service: LambdaService, until: asyncio.Event, *, answered: bool = True) -> asyncio.Task[Any]:
    """An invocation that is at rest once ``until`` is set."""
    job = Job(None, "id", b"", TraceContext.new(False), Timeline(0.0), asyncio.Future(), cold=False)  # type: ignore[arg-type]
    if answered:
        job.answer(Reply(b"{}"))
    task = asyncio.get_running_loop().create_task(until.wait())
    service._running[task] = job  # type: ignore[index]
    return task


def test_settling_waits_for_every_environment_that_has_answered_and_for_no_other() -> None:
    async def scenario() -> None:
        service = LambdaService(Function("module.handler"), limiter())
        first, second, never = asyncio.Event(), asyncio.Event(), asyncio.Event()
        tasks = [running(service, first), running(service, second), running(service, never, answered=False)]
        settling = asyncio.get_running_loop().create_task(service.settle())
        first.set()
        await asyncio.wait({tasks[0]})
        await asyncio.sleep(0.01)
        assert not settling.done()
        second.set()
        assert await settling is True
        assert tasks[1].done()
        tasks[2].cancel()

    asyncio.run(scenario())


def test_settling_tells_when_an_environment_does_not_come_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnet_bench.emulator.service._SETTLE_S", 0.05)

    async def scenario() -> None:
        service = LambdaService(Function("module.handler"), limiter())
        assert await service.settle() is True
        task = running(service, asyncio.Event())
        assert await service.settle() is False
        task.cancel()

    asyncio.run(scenario())
