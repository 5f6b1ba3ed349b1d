"""The end of a container's first process, seen at once: its tool takes the cgroup away some 50 ms later."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable


class AtEnd:
    """Calls ``look`` in a thread of its own when process ``pid`` ends, and at once if it has ended."""

    def __init__(self, pid: int, look: Callable[[], object]) -> None:
        self._look = look
        self._stop = os.eventfd(0)
        try:
            self._ended = os.pidfd_open(pid)
        except ProcessLookupError:
            self._ended = os.eventfd(1)
        self._thread = threading.Thread(target=self._watch, name=f"container-{pid}", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        if self._ended in select.select([self._ended, self._stop], [], [])[0]:
            self._look()

    def wait(self, timeout_s: float) -> None:
        """Wait for that end, at most so long."""
        select.select([self._ended], [], [], timeout_s)

    def close(self) -> None:
        """Stop watching. Once."""
        os.eventfd_write(self._stop, 1)
        self._thread.join()
        os.close(self._ended)
        os.close(self._stop)
