"""Writing so that a file is whole or absent, and explaining why the operating system said no."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from resnet_bench.errors import ResultError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_MISSING = {errno.ENOENT, errno.ENOTDIR}


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """All of ``data`` under ``path`` or nothing, whatever happens, power cuts included.

    ``mode`` is the file's permissions; default: those that new files get.

    Raises:
        OSError: as it comes; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    # The new name itself is on the disk only once its folder is.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def explained(path: Path, what: str | None, *, kept_in: Path | None = None) -> Iterator[None]:
    """Turn ``OSError`` into ``ResultError``.

    ``what`` was being saved to ``path``, or ``None``: ``path`` was being read. ``kept_in`` is the journal that
    still holds what could not be saved.
    """
    try:
        yield
    except OSError as error:
        deed = f"{what} could not be saved to" if what else "cannot read"
        kept = f" What was measured is safe: resnet-bench show {kept_in}" if kept_in else ""
        advice = _how_to_save(error, path) if what else _how_to_read(error)
        raise ResultError(f"{deed} {path}: {error.strerror or error}", advice + kept) from error


def _how_to_save(error: OSError, path: Path) -> str:
    if error.errno in _FULL:
        return "Free some space, or give a path on another disk."
    if error.errno in _FORBIDDEN:
        return "Give a path in a folder that you may write to."
    if error.errno in _MISSING:
        return f"Make the folder first: mkdir -p {path.parent}"
    return "Give another path."


def _how_to_read(error: OSError) -> str:
    if error.errno in _FORBIDDEN:
        return "Ask the file's owner for permission to read it."
    return "Check the path: it must be a file that a run has written."
