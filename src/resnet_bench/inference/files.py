"""Files that must be whole: written under another name and then renamed, and recognised again later."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct


class Fingerprint(Struct, frozen=True, kw_only=True):
    """What a file was when it was found good."""

    sha256: str
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, file: Path) -> Fingerprint:
        status = file.stat()
        return cls(sha256=sha256_of(file), size_bytes=status.st_size, mtime_ns=status.st_mtime_ns)

    def matches(self, file: Path, *, thorough: bool = False) -> bool:
        """Whether ``file`` still is what it was.

        Size and modification time decide in microseconds; the contents (0.1 s for 100 MB) are hashed if the time
        differs, as after a copy, or if it shall be ``thorough``: a failing disk's damage keeps both.
        """
        try:
            status = file.stat()
            if status.st_size != self.size_bytes:
                return False
            return (status.st_mtime_ns == self.mtime_ns and not thorough) or sha256_of(file) == self.sha256
        except OSError:
            return False


def sha256_of(file: Path) -> str:
    import hashlib  # it loads OpenSSL, for which a cold start has no use

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside ``target`` that becomes ``target`` if the block succeeds, and vanishes if not."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        put(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def put(made: Path, target: Path) -> None:
    """Rename, whatever stands there: a folder of that name is none of this program's making."""
    with suppress(NotADirectoryError, FileNotFoundError):
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
    made.replace(target)


@contextmanager
def locked(file: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold ``file`` against other processes; waits for them, after ``on_wait``.

    The kernel lets go when the holder dies. In a folder that cannot be written to nobody needs to be kept out.
    """
    descriptor = lock_file(file)
    if descriptor is None:
        yield
        return
    try:
        take(descriptor, fcntl.LOCK_EX, on_wait)
        yield
    finally:
        os.close(descriptor)


def lock_file(file: Path) -> int | None:
    """A descriptor to lock; ``None`` where there is none to be had, since nothing there can be changed."""
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except IsADirectoryError:
        shutil.rmtree(file)
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if error.errno not in {errno.EROFS, errno.EACCES}:
            raise
        return None


def take(descriptor: int, kind: int, on_wait: Callable[[], None]) -> None:
    """Lock it, shared or exclusively (``kind``); ``on_wait`` is called once if somebody else has it."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, kind)
