"""An event loop on a thread of its own, for ordinary code that has to serve while it does something else."""

from __future__ import annotations

import asyncio
import errno
import inspect
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

T = TypeVar("T")
_JOIN_S = 10.0
_SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})  # as asyncio has them


class LoopThread:
    """``name`` is the thread's. ``finish`` is what the loop still has to do before it ends, once.

    ``on_refused`` hears, in the loop, why this machine let no further connection in; it is tried again each second.
    """

    def __init__(
        self,
        name: str,
        finish: Callable[[], Coroutine[None, None, None]],
        on_refused: Callable[[OSError], None] = lambda _error: None,
    ) -> None:
        self._finish = finish
        self._on_refused = on_refused
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._explain)
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._finishing: Future[None] | None = None
        self._calls: set[Future[Any]] = set()
        self._ended = False

    def start(self, first: Callable[[], Coroutine[None, None, None]]) -> None:
        """Begin with ``first``; if that fails, all ends again.

        Raises:
            Exception: what ``first`` raises.
        """
        self._thread.start()
        try:
            self.call(first())
        except BaseException:
            self.close()
            raise

    def call(self, job: Coroutine[None, None, T]) -> T:
        """Run ``job`` in the loop, and wait for what it gives.

        Raises:
            concurrent.futures.CancelledError, RuntimeError: the loop ends before that, or has ended.
        """
        try:
            return self._result(asyncio.run_coroutine_threadsafe(job, self._loop))
        finally:
            if inspect.getcoroutinestate(job) == inspect.CORO_CREATED:
                job.close()  # or Python would complain that nobody awaited it

    def close(self) -> None:
        """Finish, cancel what is left, end the loop and its thread. May be called twice, one after the other."""
        if not self._thread.is_alive():
            self._loop.close()
            return
        if self._finishing is None:
            self._finishing = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        # A second call (after a Ctrl-C during the first) waits for the same end: two would cancel each other.
        self._finishing.result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_JOIN_S)
        self._ended = True
        for call in tuple(self._calls):
            call.cancel()  # it came after the others were cancelled: nobody runs it any more
        self._loop.close()

    def _explain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Of a connection that could not be let in asyncio would print a traceback, each second."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _SCARCE:
            self._on_refused(error)
        elif isinstance(error, ValueError) and "_start_serving" in repr(context.get("handle")):
            pass  # the second is over, and the server was closed in it, which asyncio does not look for
        else:
            loop.default_exception_handler(context)

    def _result(self, future: Future[T]) -> T:
        self._calls.add(future)
        try:
            if self._ended:
                future.cancel()
            return future.result()
        finally:
            self._calls.discard(future)

    async def _end(self) -> None:
        await self._finish()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
