"""The function's log: what it prints and what Lambda writes around it, as CloudWatch Logs would hold it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile
from sys import getsizeof

# A CloudWatch Logs event holds at most 256 kB; longer lines are cut there.
_MAX_EVENT_BYTES = 256 * 1024
# Enough for every line of a 10,000-run comparison, bounded so that a chatty foreign handler cannot fill memory.
_MAX_EVENTS = 100_000
_MAX_STORE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)  # there are four of each call
class LogEvent:
    number: int
    stream: str
    timestamp_ms: int
    message: str

    @property
    def event_id(self) -> str:
        """As CloudWatch writes them: 56 digits, which sort as the events came."""
        return f"{self.number:056d}"


@dataclass
class LogStore:
    """All log streams of one function, oldest first; the oldest events go when there are too many or too large ones.

    ``position`` is the number that the next event will have.
    """

    events: deque[LogEvent] = field(default_factory=deque)
    position: int = 0
    _size_bytes: int = 0

    def write(self, stream: str, message: str) -> None:
        self.events.append(LogEvent(self.position, stream, time.time_ns() // 1_000_000, message))
        self.position += 1
        self._size_bytes += getsizeof(message)
        while self._size_bytes > _MAX_STORE_BYTES or len(self.events) > _MAX_EVENTS:
            self._size_bytes -= getsizeof(self.events.popleft().message)

    def since(self, position: int) -> list[LogEvent]:
        """The events from number ``position`` on that are still kept."""
        recent = list(takewhile(lambda event: event.number >= position, reversed(self.events)))
        return recent[::-1]

    def tail(self, stream: str, since: int, limit_bytes: int = 4096) -> bytes:
        """The last ``limit_bytes`` of what ``stream`` holds from event number ``since`` on."""
        lines = [event.message for event in self.since(since) if event.stream == stream]
        text = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
        return text.encode()[-limit_bytes:]


@dataclass
class LineSplitter:
    """Bytes of a pipe in, whole lines out. What remains when the pipe ends comes out of ``rest``."""

    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> list[str]:
        self._buffer += chunk
        *ended, rest = bytes(self._buffer).split(b"\n")
        lines = [part for line in ended for part in _cut(line)]
        *begun, rest = _cut(rest)
        self._buffer = bytearray(rest)
        return [line.decode(errors="replace") for line in (*lines, *begun)]

    def rest(self) -> list[str]:
        line, self._buffer = bytes(self._buffer), bytearray()
        return [line.decode(errors="replace")] if line else []


def _cut(line: bytes) -> list[bytes]:
    """At least one part, each of which fits into an event."""
    return [line[start : start + _MAX_EVENT_BYTES] for start in range(0, max(len(line), 1), _MAX_EVENT_BYTES)]
