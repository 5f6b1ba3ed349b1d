"""Locust, in an environment of its own: where it is, and a port for its master."""

from __future__ import annotations

import os
import socket
from pathlib import Path

ROOT = Path(__file__).parents[1]


def find_locust() -> Path | None:
    """What ``make .locust/bin/locust`` has put there."""
    program = ROOT / ".locust" / "bin" / "locust"
    return program if os.access(program, os.X_OK) else None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
