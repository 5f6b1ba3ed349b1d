"""A child process that cannot go on tells its parent why: an error of ``resnet_bench.errors`` as JSON, and back."""

from __future__ import annotations

import os
from typing import IO, Any

import msgspec

from resnet_bench import errors
from resnet_bench.errors import ImageError, ResnetBenchError

_TAIL_BYTES = 2000


class Trouble(msgspec.Struct, frozen=True):
    """``error`` is the exception's class name; ``code`` is an ``ImageError``'s."""

    error: str
    message: str
    hint: str
    code: str | None = None


def trouble(error: ResnetBenchError) -> Trouble:
    return Trouble(type(error).__name__, error.message, error.hint, getattr(error, "code", None))


def raised(told: Trouble) -> ResnetBenchError:
    """The child's error as the exception that it was."""
    if told.error == ImageError.__name__:
        return ImageError(told.message, told.hint, code=told.code or "corrupt_image")
    kind: Any = getattr(errors, told.error)
    error: ResnetBenchError = kind(told.message, told.hint)
    return error


def last_words(stderr: IO[bytes]) -> str:
    """The last line that a child has written to its standard error, in brackets after a blank; empty without one."""
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, size - _TAIL_BYTES))
    lines = stderr.read().decode(errors="replace").strip().splitlines()
    return f" ({lines[-1]})" if lines else ""
