"""Emptying and removing cgroup folders, the same for both versions.

Used by the cages when a sandbox is closed and by the janitor when nobody is left to close it.
Helpers import this: standard library only, and paths are text.
"""

from __future__ import annotations

import errno
import os
import signal
import time

_POLL_S = 0.002
# What the files of a removed folder answer: no such file, or, if it was open, no such device.
GONE = frozenset({errno.ENOENT, errno.ENODEV})


def read_text(path: str) -> str:
    with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib would double the start-up time of the helpers
        return file.read()


def write_text(path: str, text: str) -> None:
    """Cgroup files take one value in one ``write`` and answer through its error."""
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode("ascii"))
    finally:
        os.close(handle)


def processes(folder: str) -> list[int]:
    try:
        return [int(line) for line in read_text(f"{folder}/cgroup.procs").split()]
    except OSError as error:
        if error.errno not in GONE:
            raise
        return []


def kill_cgroup(folder: str) -> None:
    """Send SIGKILL to everything in the folder, and let what is frozen run so that it can die."""
    for pid in processes(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for name, value in (("cgroup.kill", "1"), ("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
        try:
            write_text(f"{folder}/{name}", value)
        except OSError:
            continue  # each kernel has some of these files; what matters is whether the folder can be removed


def remove_cgroup(folder: str, timeout_s: float = 5.0) -> bool:
    """Kill what is inside and remove the folder; whether it is gone."""
    deadline = time.monotonic() + timeout_s
    while True:
        kill_cgroup(folder)
        try:
            os.rmdir(folder)  # noqa: PTH106 - as above
        except FileNotFoundError:
            return True
        except OSError:  # busy until the last process has left
            # Of a read-only file system even what was never made cannot be removed.
            if not os.path.isdir(folder):  # noqa: PTH112 - as above
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        else:
            return True


def remove_cgroups(folders: tuple[str, ...], timeout_s: float = 5.0) -> list[str]:
    """Remove the folders of one sandbox; those that could not be removed."""
    for folder in folders:  # all before the first removal: frozen processes die only when their freezer is thawed
        kill_cgroup(folder)
    return [folder for folder in folders if not remove_cgroup(folder, timeout_s)]
