"""An end to an exchange with a server that never stops sending.

A socket's time-out starts again with each byte: what drips for ever (headers, interim answers, the size of a chunk) is
followed for ever. Here the connection itself is cut when the exchange's time is over; whoever reads from it then finds
it closed, and ``TimeLimit.passed`` says why.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self


class TimeLimit:
    """Use it as a context manager around one exchange. ``of`` the connections that it is told of, the last is cut."""

    def __init__(self, watch: Watch) -> None:
        self.passed = False
        self.ends_s = float("inf")
        self._watch = watch
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.forget(self)

    def end_in(self, seconds: float) -> None:
        """From now on; a limit that was set before no longer counts."""
        self._watch.expect(self, seconds)

    def uses(self, connection: socket.socket | None) -> None:
        """What is to be cut."""
        self._socket = connection
        if self.passed:
            self.cut()

    def cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # closed already
                # Not the method of a TLS connection, which would take its state away from under whoever reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Watch:
    """One thread for all exchanges of the process, there while one is under way. It sleeps until the first of them
    would have to end: to set a limit costs an exchange a lock and nothing else.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._limits: set[TimeLimit] = set()
        self._wakes_s = float("inf")
        self._watching = False

    def expect(self, limit: TimeLimit, seconds: float) -> None:
        with self._changed:
            limit.ends_s = self._clock() + seconds
            self._limits.add(limit)
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._run, name="time-limits", daemon=True).start()
            elif limit.ends_s < self._wakes_s:
                self._changed.notify()

    def forget(self, limit: TimeLimit) -> None:
        with self._changed:
            self._limits.discard(limit)

    def _run(self) -> None:
        with self._changed:
            while self._limits:
                self._wakes_s = min(limit.ends_s for limit in self._limits)
                self._changed.wait(max(0.0, self._wakes_s - self._clock()))
                for limit in [each for each in self._limits if each.ends_s <= self._clock()]:
                    limit.passed = True
                    limit.cut()
                    self._limits.discard(limit)
            self._watching = False
