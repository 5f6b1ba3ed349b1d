"""Files that must be whole: written under another name and then renamed, and recognised again later."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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

    def matches(self, file: Path) -> bool:
        """Whether ``file`` still is what it was.

        Size and modification time decide in microseconds; the contents (0.1 s for 100 MB) are hashed only if the
        time differs, as after a copy. Damage that keeps both, a failing disk's, is not seen.
        """
        try:
            status = file.stat()
        except OSError:
            return False
        if status.st_size != self.size_bytes:
            return False
        return status.st_mtime_ns == self.mtime_ns or sha256_of(file) == self.sha256


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
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold ``file`` against other processes; waits for them. The kernel lets go when the holder dies."""
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
