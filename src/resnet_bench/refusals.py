"""What an operating system says when it refuses, and what can be done about it."""

from __future__ import annotations

import errno
import os

from resnet_bench.errors import SetupError

_FILES = "allow more open files: ulimit -n 1024"
_PROCESSES = "end other programs, or allow more processes: ulimit -u"
_MEMORY = "end other programs, or allow more memory: ulimit -v unlimited"
_WHERE = "RESNET_BENCH_DEBUG=1 shows where it was"
_HINTS = {
    errno.EMFILE: _FILES,
    errno.ENFILE: "end other programs: the whole machine has no more files to give",
    errno.EAGAIN: _PROCESSES,
    errno.ENOMEM: _MEMORY,
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EROFS: "mount it so that it can be written to, or work elsewhere",
    errno.EACCES: "ask for permission, or work elsewhere",
    errno.EPERM: "ask for permission, or work elsewhere",
}


def words(error: OSError) -> str:
    """The system's reason, and the file that it speaks of."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{reason}: {os.fsdecode(error.filename)}" if isinstance(error.filename, str | bytes) else reason


def hint(error: OSError) -> str:
    """What to try."""
    return _HINTS.get(error.errno or 0, _WHERE)


def explained(error: Exception) -> SetupError | None:
    """``error`` as a failure of this machine, if it is one and not the program's own."""
    if isinstance(error, OSError):
        return SetupError(f"this machine refuses: {words(error)}", hint(error))
    if isinstance(error, MemoryError):
        return SetupError("this machine refuses: no more memory", _MEMORY)
    if isinstance(error, RuntimeError) and str(error).startswith("can't start new thread"):
        return SetupError("this machine refuses: no more threads", _PROCESSES)
    return None
