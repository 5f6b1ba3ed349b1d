"""The parent's part of the conversation that ``launch.py`` describes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.helper import helper_command
from resnet_bench.sandbox.limits.base import Entry

_TIMEOUT_S = 30.0
_BUSY = "end other programs, and run it again"
_KILLED = "run it again; its standard error or the kernel's log may say why"


def launch_command(entry: Entry, link: int, cpus: Sequence[int], argv: Sequence[str]) -> list[str]:
    """The command whose process becomes ``argv``; ``link`` is the child's end of the socket, no ``cpus`` means all."""
    files = [str(path) for path in entry.procs_files]
    arguments = [str(os.getpid()), str(link), ",".join(map(str, cpus)) or "-", str(len(files)), *files]
    return [*entry.prefix, *helper_command("launch"), *arguments, *argv]


def await_start(link: socket.socket, env: Mapping[str, str], *, attach: Callable[[], None]) -> int:
    """Let the launched process become its program; when it did, in CLOCK_MONOTONIC nanoseconds.

    ``attach`` is called once the process is ready and before the program begins.

    Raises:
        SandboxError: the program could not be executed, a limit refused the process, or it ended or hung on the way.
    """
    link.settimeout(_TIMEOUT_S)
    answer = b""
    try:
        answer = link.recv(len(b"ready"), socket.MSG_WAITALL)
        if answer == b"ready":
            attach()
            answer = b""
            link.sendall(b"".join(os.fsencode(f"{name}={value}") + b"\0" for name, value in env.items()))
            link.shutdown(socket.SHUT_WR)
        while chunk := link.recv(4096):
            answer += chunk
    except TimeoutError:
        raise SandboxError(f"the sandbox did not start within {_TIMEOUT_S:.0f} s", _BUSY) from None
    except ConnectionError:
        pass  # it died: the answer is incomplete
    started, _, error = answer.decode(errors="replace").partition("error ")
    if error:
        raise SandboxError(f"the sandbox could not run the program: {error}", "check that it is there, and may be run")
    if not started.startswith("started "):
        raise SandboxError("the sandbox's process ended before its program began", _KILLED)
    return int(started.removeprefix("started "))
