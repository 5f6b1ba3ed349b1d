"""What a signal does to this program, from its first import to its last word. It imports nothing heavy."""

from __future__ import annotations

import signal
import time
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A terminal that closes, or a service manager, sends several at once: one wish to end, whose saving the second must not
# interrupt.
_ONE_WISH_S = 0.5


def at_once() -> None:
    """While modules are imported there is nothing to keep: Ctrl-C then ends the process as any other, and not with a
    traceback out of a module's middle."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def by_interrupt() -> None:
    """SIGTERM and SIGHUP end a run as Ctrl-C does: what was measured is kept. What is ignored (nohup) stays so."""
    interrupt = _Interrupt()
    for number in _ENDING:
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, interrupt)


def no_more() -> None:
    """All is said and closed: one more would only print a traceback from the interpreter's own ending."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


class _Interrupt:
    """Raises ``KeyboardInterrupt``, once for all that come together."""

    def __init__(self) -> None:
        self._last_s = -_ONE_WISH_S

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if now_s - self._last_s >= _ONE_WISH_S:
            self._last_s = now_s
            raise KeyboardInterrupt
