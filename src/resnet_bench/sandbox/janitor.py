"""The janitor's client: tells a small watching process what to remove if this process is killed.

``kill -9`` runs no ``finally``. So whatever outlives a process (cgroup folders, sessions, systemd units, temporary
folders, containers) is registered before it is made and forgotten when it has been removed in the normal way.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from resnet_bench.sandbox.helper import helper_command

Kind = Literal["session", "cgroup", "unit", "container", "folder"]
_CLOSE_TIMEOUT_S = 10.0


class Janitor:
    """Registrations with one sweeping process; usable from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registered: dict[tuple[Kind, str], None] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the sweeping process, if it has been started."""
        return None if self._process is None else self._process.pid

    def register(self, kind: Kind, value: object) -> None:
        """``value``: an absolute folder, a session's id, a unit's name, or a container as ``Leftovers`` writes it.

        Starts the sweeping process if need be.
        """
        key = (kind, str(value))
        with self._lock:
            self._registered[key] = None
            if self._process is None:
                self._start()
            else:
                self._send("+", key)

    def forget(self, kind: Kind, value: object) -> None:
        key = (kind, str(value))
        with self._lock:
            if key in self._registered:
                del self._registered[key]
                self._send("-", key)

    def close(self) -> None:
        """Let the sweeping process remove what is still registered, and end."""
        with self._lock:
            process, self._process = self._process, None
            self._registered.clear()
        if process is not None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(_CLOSE_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.returncode = 0  # it goes on by itself; not this process's concern any more

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [*helper_command("sweeper"), str(os.getpid())],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for key in self._registered:
            self._send("+", key)

    def _send(self, sign: str, key: tuple[Kind, str]) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(os.fsencode(f"{sign}{key[0]} {key[1]}\n"))
        except BrokenPipeError:  # somebody killed it: start another, which hears of everything again
            process.stdin.close()
            process.wait()
            self._start()


_lock = threading.Lock()
_current: tuple[int, Janitor] | None = None


def janitor() -> Janitor:
    """This process's janitor; a forked child gets one of its own."""
    global _current  # noqa: PLW0603 - one per process is the point
    with _lock:
        if _current is None or _current[0] != os.getpid():
            _current = (os.getpid(), Janitor())
            atexit.register(_current[1].close)
        return _current[1]


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A folder, in ``parent`` or where temporary ones go, that is gone afterwards, ``kill -9`` included."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        janitor().register("folder", folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        janitor().forget("folder", folder)
