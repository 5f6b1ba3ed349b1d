"""One thing at a time: what takes CPU time on this machine waits for its turn, so that it disturbs no measurement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


class Closing(Exception):
    """The server ends, and begins nothing else."""


class Turns:
    """A worker thread and the right to use it, first come, first served. Belongs to one event loop."""

    def __init__(self) -> None:
        # Children of runners die with the thread that made them: one thread, for as long as there are runners.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="bench")
        self._turn = asyncio.Lock()
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
            yield

    async def work(self, job: Callable[[], T]) -> T:
        """Run ``job`` in the worker, in one's turn.

        Who is cancelled meanwhile still waits for its end, so that turns never overlap.
        """
        future = asyncio.get_running_loop().run_in_executor(self._worker, job)
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
        """Wait for what is being worked on, and end the thread."""
        self.closing = True
        await asyncio.to_thread(self._worker.shutdown)
