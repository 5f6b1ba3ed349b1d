"""Standard streams that are closed, full, or read by nobody."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast


def settle() -> None:
    """Give the program three streams that it can write to, whatever it was started with.

    A number that is free would be given to the next file that is opened: what is printed would land in a result.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    output = sys.stdout or os.fdopen(1, "w", closefd=False)
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(errors="replace")  # a dash that an encoding lacks is no reason to print nothing
    sys.stdout = cast("TextIO", _Remembering(output))
    sys.stderr = cast("TextIO", _Heedless(sys.stderr or os.fdopen(2, "w", closefd=False)))


def is_refused(error: OSError) -> bool:
    """Whether it was standard output that raised ``error``."""
    return isinstance(sys.stdout, _Remembering) and sys.stdout.refusal is error


def give_up_output() -> None:
    """What still waits to be printed goes nowhere; the interpreter would try it again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def write_document(document: bytes) -> None:
    """Print a JSON document, with escapes for what standard output's encoding may not have."""
    text = document.decode()
    if (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        # Only within JSON's strings can there be other characters than ASCII.
        text = re.sub(r"[^\x00-\x7f]+", lambda found: json.dumps(found[0])[1:-1], text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class _Stream:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Remembering(_Stream):
    """Standard output: a full disk behind it is told apart from one behind a file."""

    refusal: OSError | None = None

    def write(self, text: str) -> int:
        with self._watched():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._watched():
            self._stream.flush()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.refusal = error
            raise


class _Heedless(_Stream):
    """Standard error. That nobody takes what it tells (a full disk, a closed pipe) is no reason to end anything."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()
