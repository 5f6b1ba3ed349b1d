"""Names of cages: unique on the machine, and telling whose they are when someone finds one."""

from __future__ import annotations

import itertools
import os
import re

_numbers = itertools.count(1)


def cage_name(label: str) -> str:
    """Such as ``resnet-bench-4711-1-lambda``: this process's pid, a running number and the label."""
    safe = re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")[:40]
    return f"resnet-bench-{os.getpid()}-{next(_numbers)}-{safe}"
