"""Classifications on their way: each waits for its turn, meets both sides, and then waits for X-Ray and the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace as changed
from functools import partial

from msgspec.structs import replace

from resnet_bench.errors import ResnetBenchError, SetupError
from resnet_bench.inference import images
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run
from resnet_bench.web.classification import ASK_EVERY_S, ASKS, Classification
from resnet_bench.web.history import History
from resnet_bench.web.parts import parts_of
from resnet_bench.web.sides import Forgiving, Sides, classify
from resnet_bench.web.turns import Closing, Turns
from resnet_bench.web.uploads import Upload

# Beyond so many waiting classifications further ones are refused.
QUEUE_LENGTH = 8
# A browser on this machine has so long to show whose turn it is, before that side's clock runs.
_PAINT_S = 0.05


class Busy(Exception):
    """So many classifications wait that another one would wait too long."""


class Bench:
    """``begun`` is the run before its first sample; ``on_done`` hears of each classification when it is answered.

    Belongs to one event loop.
    """

    def __init__(
        self,
        sides: Sides,
        begun: Run,
        *,
        ask_every_s: float = ASK_EVERY_S,
        paint_s: float = _PAINT_S,
        on_done: Callable[[Classification], None] = lambda _one: None,
    ) -> None:
        self.sides = sides
        self.history = History(begun)
        self.turns = Turns()
        self._ask_every_s, self._paint_s = ask_every_s, paint_s
        self._on_done = on_done
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, upload: Upload, *, cold: bool) -> Classification:
        """Queue an image.

        Raises:
            Busy: too many wait already.
            Closing: the server ends.
        """
        if self.turns.closing:
            raise Closing
        waiting = len(self.history.waiting)
        if waiting >= QUEUE_LENGTH:
            raise Busy(f"{waiting} classifications wait already, and one is done at a time")
        one, named = self.history.begin(upload, cold=cold)
        task = asyncio.get_running_loop().create_task(self._go(one, named))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return one

    async def views(self, one: Classification) -> AsyncIterator[Classification]:
        """``one`` now, and after each change until it is done. Changes that come too fast to be seen are seen as one.

        Raises:
            Closing: the server ends before that.
        """
        seen = -1
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: one.version != seen or self.turns.closing)  # noqa: B023 - at once
            if one.version == seen:
                raise Closing
            seen = one.version
            yield one
            if one.state == "done":
                return

    async def close(self) -> None:
        """Let what is being measured end, and begin nothing else."""
        self.turns.closing = True
        async with self._changed:
            self._changed.notify_all()
        for task in self._tasks:
            task.cancel()
        await self.turns.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _go(self, one: Classification, upload: Upload) -> None:
        try:
            async with self.turns.mine():
                await self._change(one, state="checking", ahead_count=0)
                await self._move_up()
                await self.turns.work(partial(self._measure, one, upload, asyncio.get_running_loop()))
                del upload  # megabytes, which need not wait for X-Ray
                await self._settle(one)
            self._on_done(one)
            await self._ask(one)
        except Closing:
            pass
        except ResnetBenchError as error:
            await self._change(one, state="done", problem=error)
        except Exception as error:  # noqa: BLE001 - whoever waits for it must hear of a defect, too
            defect = SetupError(f"a defect of resnet-bench: {type(error).__name__}: {error}", "please report it")
            await self._change(one, state="done", problem=defect)

    def _measure(self, one: Classification, upload: Upload, loop: asyncio.AbstractEventLoop) -> None:
        """In the worker thread."""
        images.decode(upload.data)  # what nobody can classify is sent to no side
        tolerance = Forgiving(one.hints)

        def show(side: Side) -> None:
            asyncio.run_coroutine_threadsafe(self._change(one, state=side), loop).result()
            time.sleep(self._paint_s)

        with upload.photo() as photo:
            samples = classify(self.sides, photo, pair=one.number - 1, cold=one.cold, tolerance=tolerance, show=show)
            for sample in samples:
                setattr(one, sample.side, sample)

    async def _ask(self, one: Classification) -> None:
        """Ask for the trace and the REPORT line until both are there, or never will be."""
        while one.state == "tracing":
            if one.asks_count:
                await asyncio.sleep(self._ask_every_s)
            async with self.turns.mine():
                await self.turns.work(partial(self._refresh, one))
                await self._settle(one)

    def _refresh(self, one: Classification) -> None:
        """In the worker thread."""
        assert one.remote is not None  # noqa: S101 - what is waited for belongs to it
        (asked,) = self.sides.refresh([one.remote])
        one.remote = self.sides.kept(replace(one.remote, trace=asked.trace, report=asked.report))
        one.asks_count += 1

    async def _settle(self, one: Classification) -> None:
        """After what was measured or has arrived. It is drawn within the same turn, while nothing is measured."""
        settled = changed(one, state="tracing" if one.pending and one.asks_count < ASKS else "done")
        run = replace(self.history.begun, samples=one.samples, images=(one.image,))
        parts = await self.turns.work(partial(parts_of, run, settled))
        # At once: who began to look while it was drawn would be told of an end that has no parts.
        await self._change(one, state=settled.state, parts=parts)

    async def _change(self, one: Classification, **changes: object) -> None:
        for name, value in changes.items():
            setattr(one, name, value)
        one.version += 1
        async with self._changed:
            self._changed.notify_all()

    async def _move_up(self) -> None:
        """Those that wait have one less before them."""
        for place, one in enumerate(self.history.waiting, start=1):
            await self._change(one, ahead_count=place)
