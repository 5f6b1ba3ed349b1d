"""The sandboxed child's first steps, between fork and the limited program.

Run as a helper process in a session of its own, with one end of a socket to the parent:

    child -> parent   "ready"                     the pid is final; the parent attaches the cage
    parent -> child   environment, end of file    NAME=VALUE, each ended by a zero byte
    child -> parent   "started <ns>", closed      the monotonic clock right before exec; or "error <text>"

The environment travels here, and not with the process's own, because a prefix such as ``systemd-run`` needs the
parent's. A ``preexec_fn`` could do all this, but is unsafe in a parent with threads. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1
# Before the user's own programs, when the whole machine is out of memory.
_OOM_SCORE_ADJ = 500


def main() -> None:
    """``sys.argv[1:]``: parent's pid, socket, CPUs ("0,1" or "-"), number of cgroup files, the files, the program."""
    parent, link, cpus, files_count, *rest = sys.argv[1:]
    files, argv = rest[: int(files_count)], rest[int(files_count) :]
    socket = int(link)
    os.set_inheritable(socket, False)
    try:
        _die_with(int(parent))
        _restore_signals()
        _offer_to_oom_killer()
        if cpus != "-":
            os.sched_setaffinity(0, [int(cpu) for cpu in cpus.split(",")])
        os.write(socket, b"ready")
        environment = _receive_environment(socket)
        for path in files:
            _enter(path)
        started = b"%d" % time.monotonic_ns()
        os.write(socket, b"started " + started)
        # So that a program that knows this name can tell its own start-up from this launcher's.
        environment[b"RESNET_BENCH_STARTED_NS"] = started
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - no shell is wanted  # nosec B606
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        os.write(socket, f"error {error.strerror}{where}".encode())
        os._exit(127)


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process with its parent; leave if that happened before the request."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(127)


def _restore_signals() -> None:
    """Python ignores SIGPIPE and SIGXFSZ, whoever started us perhaps others; what is ignored stays so across exec."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _offer_to_oom_killer() -> None:
    path = "/proc/self/oom_score_adj"
    with open(path, "r+", encoding="ascii") as file:  # noqa: PTH123 - pathlib would lengthen every start
        if int(file.read()) < _OOM_SCORE_ADJ:
            file.seek(0)
            file.write(str(_OOM_SCORE_ADJ))


def _receive_environment(socket: int) -> dict[bytes, bytes]:
    received = bytearray()
    while chunk := os.read(socket, 65536):
        received += chunk
    pairs = (item.partition(b"=") for item in bytes(received).split(b"\0") if item)
    return {name: value for name, _, value in pairs}


def _enter(procs_file: str) -> None:
    handle = os.open(procs_file, os.O_WRONLY)
    try:
        os.write(handle, b"0")  # the writer itself
    except OSError as error:
        error.filename = procs_file
        raise
    finally:
        os.close(handle)
