"""Progress on standard error: one live line on a terminal, a line now and then in a log, nothing when quiet.

Nothing is drawn by a background thread, since that would take time from what is being measured: the line changes when
a step is reported, and while this program itself waits.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress
from typing import Protocol, Self

from resnet_bench.characters import fit
from resnet_bench.units import time_left

_LOG_EVERY_S = 10.0
_WIDTH = 79
_BAR = 20


class Display(Protocol):
    """``progress.Progress``, with an end and a way to wait in sight of the user."""

    def step(self, text: str, fraction: float | None = None) -> None: ...

    def note(self, text: str) -> None:
        """A line that stays."""
        ...

    def wait(self, seconds: float) -> None:
        """Sleep, and show how long."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class SilentDisplay:
    def step(self, text: str, fraction: float | None = None) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class LineDisplay(SilentDisplay):
    """One line that is written over, and gone at the end."""

    def __init__(self) -> None:
        self._bar = self._text = ""
        # One column is left free: a terminal may move on when the last one is written.
        self._width = min(_WIDTH, shutil.get_terminal_size().columns - 1)

    def step(self, text: str, fraction: float | None = None) -> None:
        self._bar, self._text = "", fit(text)
        if fraction is not None:
            done = round(max(0.0, min(1.0, fraction)) * _BAR)
            self._bar = f"[{'#' * done}{'.' * (_BAR - done)}] "
        self._draw(self._line())

    def note(self, text: str) -> None:
        self._draw("")
        _write(f"{fit(text)}\n")
        self._draw(self._line())

    def wait(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            if seconds > 1:
                self._draw(self._line(f" (in {time_left(left_s)})"))
            time.sleep(min(1.0, left_s))

    def __exit__(self, *_: object) -> None:
        self._draw("")

    def _line(self, more: str = "") -> str:
        """The text counts for more than the bar where there is no room for both."""
        whole = self._bar + self._text + more
        return whole if len(whole) <= self._width else (self._text + more)[: self._width]

    def _draw(self, text: str) -> None:
        # The cursor goes back to the line's beginning, where the terminal's echo of Ctrl-C is written over too.
        _write("\r" + text.ljust(self._width) + "\r")


class LogDisplay(SilentDisplay):
    """For logs: the first step of each kind, then one line every ten seconds."""

    def __init__(self) -> None:
        self._kind = ""
        self._last_s = -_LOG_EVERY_S

    def step(self, text: str, fraction: float | None = None) -> None:
        kind = text.rstrip("0123456789 /.").partition(" ")[0]
        now_s = time.monotonic()
        if kind == self._kind and now_s - self._last_s < _LOG_EVERY_S:
            return
        self._kind, self._last_s = kind, now_s
        percent = "" if fraction is None else f" ({fraction:.0%})"
        self.note(f"{text}{percent}")

    def note(self, text: str) -> None:
        _write(f"{fit(text)}\n")


def _write(text: str) -> None:
    """Nobody reading the progress any more (``2>&1 | head``), or no room for it, is no reason to end a run."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def display(*, quiet: bool) -> Display:
    if quiet:
        return SilentDisplay()
    return LineDisplay() if sys.stderr.isatty() else LogDisplay()
