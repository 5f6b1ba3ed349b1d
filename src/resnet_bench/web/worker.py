"""A thread that does one thing after the other, and that keeps nobody from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """Begun at once; ends with ``end``, or with the program.

    Not a ``ThreadPoolExecutor``: when a program ends, Python waits for what those still do. A call to a server that
    does not answer takes 35 s, and whoever presses Ctrl-C twice does not want to wait for it.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Do ``job`` after those submitted before it."""
        future: Future[T] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is for whoever waits
                future.set_exception(error)

        self._jobs.put(do)
        return future

    def end(self) -> None:
        """After all that was submitted; nothing may be submitted any more."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # it may hold an image, which must not wait for the next one
