"""Freezing by signals, where no freezer cgroup can be had.

A stopped process sees it (its parent is told, some system calls return early); a frozen one does not.
"""

from __future__ import annotations

import signal
import time

from resnet_bench.sandbox.session import members, process_state, signal_session

_TIMEOUT_S = 2.0
_POLL_S = 0.0005


def stop(session: int | None) -> None:
    """Stop every process of the session and wait until they stand still."""
    if session is None:
        return
    signal_session(session, signal.SIGSTOP)
    deadline = time.monotonic() + _TIMEOUT_S
    while any(process_state(pid) in {"R", "S", "D"} for pid in members(session)) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def resume(session: int | None) -> None:
    if session is not None:
        signal_session(session, signal.SIGCONT)
