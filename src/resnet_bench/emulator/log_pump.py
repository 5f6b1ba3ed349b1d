"""From a runtime's output pipe to the log, never more at a time than the event loop can spare."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import termios

from resnet_bench.emulator.logs import LineSplitter, LogStore

# Of empty lines, as many log events: some 20 ms of the loop's time.
_CHUNK_BYTES = 16 * 1024


class LogPump:
    """Owns ``fd``, the pipe's reading end. All methods run in the emulator's event loop.

    A function can print without pause, faster than its lines can be stored. So no call here reads until the pipe is
    empty: the time-out that ends such a function runs in the same loop.
    """

    def __init__(self, fd: int, logs: LogStore, stream: str) -> None:
        os.set_blocking(fd, False)
        self._fd: int | None = fd
        self._logs = logs
        self._stream = stream
        self._lines = LineSplitter()
        asyncio.get_running_loop().add_reader(fd, self._read)

    def drain(self) -> None:
        """Take what the function has printed before this call, so that a REPORT line comes after it.

        That is what the pipe holds now: 64 kB at most, or the 1 MB to which a process may raise it (pipe(7)).
        """
        left = self._held_bytes()
        while left > 0 and (taken := self._read()):
            left -= taken
        self._read()  # the pipe's end, if this is it: the last line may have no end of its own

    def close(self) -> None:
        """Take what is there and close the pipe. May be called twice."""
        self.drain()
        self._end()

    def _held_bytes(self) -> int:
        if self._fd is None:
            return 0
        (held,) = struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, struct.pack("i", 0)))
        return int(held)

    def _read(self) -> int:
        """One read; how many bytes it gave."""
        if self._fd is None:
            return 0
        try:
            chunk = os.read(self._fd, _CHUNK_BYTES)
        except BlockingIOError:
            return 0
        if chunk:
            self._write(self._lines.feed(chunk))
        else:
            self._end()
        return len(chunk)

    def _end(self) -> None:
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None
            self._write(self._lines.rest())

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            self._logs.write(self._stream, line + "\n")
