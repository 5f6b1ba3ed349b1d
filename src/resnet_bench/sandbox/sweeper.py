"""The janitor's process: kills and removes what a killed parent left behind.

Reads ``+kind value`` and ``-kind value`` lines from standard input. The parent is gone when its pid file
descriptor says so, or when the pipe closes; then everything still registered is swept, in the order of ``SWEEPS``,
and the process ends. Standard library only.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

from resnet_bench.sandbox.cgroupfs import kill_cgroup, remove_cgroup
from resnet_bench.sandbox.containers import remove_container
from resnet_bench.sandbox.session import kill_session


def _stop_unit(unit: str) -> None:
    for arguments in (("kill", "--signal=SIGKILL"), ("stop",)):
        subprocess.run(  # nosec B607
            ["systemctl", "--user", *arguments, unit],  # noqa: S607 - wherever the system keeps it
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=10,
        )


def _remove_folder(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)


# A frozen process dies only when it is thawed, so groups are killed first; folders go last, when nobody uses them.
SWEEPS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("cgroup", kill_cgroup),
    ("session", lambda text: kill_session(int(text))),
    ("cgroup", remove_cgroup),
    ("unit", _stop_unit),
    ("container", remove_container),
    ("folder", _remove_folder),
)


def main() -> None:
    """``sys.argv[1]``: the parent's pid."""
    # A terminal's Ctrl-C or hang-up may end the parent; the clean-up after it must outlive both.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    registered = listen(int(sys.argv[1]))
    for kind, sweep in SWEEPS:
        for value in (value for registered_kind, value in registered if registered_kind == kind):
            try:
                sweep(value)
            except (OSError, subprocess.SubprocessError):
                continue  # nobody is left to tell; the next leftover may still be removed


def listen(parent: int) -> list[tuple[str, str]]:
    """Follow the registrations until the parent is gone; what was registered last, in order."""
    registered: dict[tuple[str, str], None] = {}
    pending = b""
    watched: list[int] = [0]
    with suppress(OSError):  # gone already, or an old kernel: the pipe decides
        # A process that the parent forked may hold the pipe open after it: the pipe alone does not tell.
        watched.append(os.pidfd_open(parent))
    while True:
        ready, _, _ = select.select(watched, [], [])
        if 0 not in ready:
            break
        chunk = os.read(0, 65536)
        if not chunk:
            break
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            kind, _, value = os.fsdecode(line[1:]).partition(" ")
            if line[:1] == b"+":
                registered[kind, value] = None
            else:
                registered.pop((kind, value), None)
    return list(registered)
