"""Removing a container, whatever state it is in: by its cage, and by the janitor when nobody is left to close that.

Helpers import this: standard library only, and paths are text.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

_REMOVE_TIMEOUT_S = 60.0
_MONITOR_TIMEOUT_S = 10.0
_POLL_S = 0.02
_ATTEMPTS_COUNT = 3
_GONE = "no such container"
_ENDED_MEANWHILE = "container state improper"


def remove_container(container: str) -> str | None:
    """Kill and remove it; why that failed, or ``None`` once there is none. ``container``: tool's path, space, name.

    Podman before 4.4 gives up on a container that ends between its look whether that runs and its signal to it, and
    whoever calls this has often just killed the program. What has ended is removed at the next attempt.
    """
    tool, _, name = container.rpartition(" ")
    for _ in range(_ATTEMPTS_COUNT):
        try:
            done = _run(tool, "rm", "--force", name)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        said = done.stderr.decode(errors="replace").strip()
        if done.returncode == 0 or _ENDED_MEANWHILE not in said.lower():
            break
    end_unfinished(name)
    return None if done.returncode == 0 or _GONE in said.lower() else said or f"exit status {done.returncode}"


def end_unfinished(name: str) -> None:
    """End what podman leaves behind if it is killed while it makes the container of that name.

    Its monitor, conmon, then goes on by itself: it has the runtime make the container, of which podman knows nothing
    any more, and waits for the end of a process that itself waits for its start. (Of 24 kills within the first 0.3 s,
    3 left one, with podman 4.3 and runc 1.1.)
    """
    deadline = time.monotonic() + _MONITOR_TIMEOUT_S
    while (monitors := list(_monitors(name))) and time.monotonic() < deadline:
        for runtime, identity in monitors:
            with suppress(OSError, subprocess.TimeoutExpired):
                _run(runtime, "delete", "--force", identity)  # fails until the runtime has made it
        time.sleep(_POLL_S)


def _monitors(name: str) -> Iterator[tuple[str, str]]:
    """Runtime's path and container's id of each conmon that watches a container of that name (conmon(8))."""
    for pid in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208 - as in session.py
        with suppress(OSError, ValueError), open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - as above
            words = os.fsdecode(file.read()).split("\0")
            if words[0].endswith("conmon") and words[words.index("-n") + 1] == name:
                yield words[words.index("-r") + 1], words[words.index("-c") + 1]


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        timeout=_REMOVE_TIMEOUT_S,
    )
