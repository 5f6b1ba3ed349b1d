"""Work that Ctrl-C may not leave half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C, SIGTERM and SIGHUP until the body has ended; what it raises itself comes first.

    Only for work with an end of its own: nothing but ``kill -9`` stops it. Signals reach the main thread alone, so in
    any other this does nothing.

    Raises:
        KeyboardInterrupt: one of them came meanwhile.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before: dict[signal.Signals, Any] = {}
    try:
        for number in _INTERRUPTIONS:
            # An ignored one (nohup) stays ignored; ``None`` is a handler that was not set from Python.
            if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                before[number] = signal.getsignal(number)
                signal.signal(number, lambda number, _frame: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
