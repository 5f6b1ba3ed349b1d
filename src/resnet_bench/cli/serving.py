"""Waiting for Ctrl-C while other threads serve.

The kernel may hand a signal to any thread of a process. Python then runs its handler in the main thread, but only when
that wakes: one that waits for ever for a lock would never hear of it (seen once in some forty ends of a busy server).
"""

from __future__ import annotations

import queue
import time
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
# So late a Ctrl-C may be heard.
_WAKE_S = 0.5


def until_interrupted() -> None:
    """Return after Ctrl-C, or what ends the program otherwise."""
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(_WAKE_S)


def next_of(things: queue.SimpleQueue[T]) -> T:
    """The next one, however long that takes; Ctrl-C interrupts."""
    while True:
        with suppress(queue.Empty):
            return things.get(timeout=_WAKE_S)
