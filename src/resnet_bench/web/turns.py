"""One thing at a time: what takes CPU time on this machine waits for its turn, so that it disturbs no measurement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol, TypeVar

from resnet_bench.errors import SandboxError
from resnet_bench.web.worker import Worker

T = TypeVar("T")


class Closing(Exception):
    """The server ends, and begins nothing else."""


class Background(Protocol):
    """What goes on beside the turns, but never during one."""

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...

    def close(self) -> None: ...


class Turns:
    """A worker thread and the right to use it, first come, first served. Belongs to one event loop.

    What is in ``background`` stands still during each turn.
    """

    def __init__(self) -> None:
        # Children of runners die with the thread that made them: one thread, for as long as there are runners.
        self._worker = Worker("bench")
        self._turn = asyncio.Lock()
        self.background: set[Background] = set()
        self.closing = False

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        """Inside the block nobody else works.

        Raises:
            Closing: the server ends.
        """
        async with self._turn:
            if self.closing:
                raise Closing
            for each in self.background:
                each.freeze()
            try:
                yield
            finally:
                for each in self.background:
                    each.thaw()

    async def work(self, job: Callable[[], T]) -> T:
        """Run ``job`` in the worker, in one's turn.

        Who is cancelled meanwhile still waits for its end, so that turns never overlap.
        """
        future = asyncio.wrap_future(self._worker.submit(job))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait({future})
            raise

    async def exclusively(self, job: Callable[[], T]) -> T:
        """``work`` in a turn of its own.

        Raises:
            Closing: the server ends.
        """
        async with self.mine():
            return await self.work(job)

    async def close(self) -> None:
        """End what is in the background, wait for what is being worked on, and end the thread. To be called once."""
        self.closing = True
        for each in self.background:
            with suppress(SandboxError):  # the janitor tries again when this process ends
                each.close()
        await asyncio.wrap_future(self._worker.submit(lambda: None))
        self._worker.end()
