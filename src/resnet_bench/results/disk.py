"""Writing so that a file is whole or absent, and explaining why the operating system said no."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from resnet_bench.errors import ResultError
from resnet_bench.planted import refuse_planted_link

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_MISSING = {errno.ENOENT, errno.ENOTDIR}
# So much tells whether a file may be JSON.
_TASTE_BYTES = 1 << 16


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """All of ``data`` under ``path`` or nothing, whatever happens, power cuts included.

    ``mode`` is the file's permissions; default: those that new files get. A link to a file stays one, unless another
    user has put it there. What is there and is no file (a pipe, ``/dev/null``) is written to as it is.

    Raises:
        OSError: as it comes; nothing is left behind.
    """
    refuse_planted_link(path)
    if path.exists():
        path = Path(os.path.realpath(path))
        if not path.is_file():
            path.write_bytes(data)
            return
    # Not named by this process's number: in containers a killed one had the same.
    temporary = path.with_name(f".resnet-bench-{secrets.token_hex(6)}.tmp")
    try:
        _write_new(temporary, data, mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    # The new name itself is on the disk only once its folder is.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_new(path: Path, data: bytes, mode: int | None) -> None:
    """``path`` gets its name when all is in it, where the file system can do that: ``kill -9`` then leaves nothing."""
    try:
        descriptor, named = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o666), False
    except OSError:
        descriptor, named = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), True
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)
        if not named:
            # With a folder's descriptor, of which an absolute path makes no use, Python follows the link (linkat(2)).
            os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor)


def read_whole(path: Path) -> bytes:
    """The contents, or the beginning only of what cannot be JSON: a gigabyte of zeros, a device without an end.

    Raises:
        OSError: as it comes.
        ResultError: a pipe that nobody writes into, for which this would wait for ever.
    """
    # Opening such a pipe would wait, too.
    with open(path, "rb", buffering=0, opener=_at_once) as file:
        first = b""
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            found = file.read(_TASTE_BYTES)
            if found == b"":
                raise ResultError(f"nobody writes into the pipe {path}", "Give a file, or keep what is piped in one.")
            first = found or b""
        os.set_blocking(file.fileno(), True)
        while len(first) < _TASTE_BYTES and (more := file.read(_TASTE_BYTES)):
            first += more
        may_be_json = first.lstrip()[:1] in {b"{", b"["}
        return first + file.readall() if may_be_json else first


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


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
