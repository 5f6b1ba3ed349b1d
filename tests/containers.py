"""What the tests of the container sandbox share: an image to run anything in, and tools at work in the tests' store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from emulated import FUNCTIONS
from image_store import Store

PROBE = "localhost/probe:latest"


def make_probe(store: Store, base: str) -> str:
    """``base`` with the probe function. Its command is the function; any other is run as it is given."""
    settings = ("--entrypoint=", "--cmd", '["/lambda-entrypoint.sh", "probe.handler"]')
    return store.derive(base, PROBE, *settings, add=(FUNCTIONS / "probe.py", "/var/task/"))


@contextmanager
def at_work_in(store: Store) -> Iterator[None]:
    """This process's container tools, and those of the processes that it starts, find the store."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        yield


def containers(store: Store) -> list[str]:
    return store.run("podman", "ps", "--all", "--format", "{{.Names}}").split()


def monitors(name: str) -> list[str]:
    """Ids of the containers whose names begin so, over which a process of podman's (conmon(8)) watches by itself."""
    found = []
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()):
        with suppress(OSError):  # gone meanwhile
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            mine = words[0].endswith("conmon") and any(word.startswith(name) for word in words)
            if mine and os.getsid(pid) == pid:
                found.append(words[words.index("-c") + 1])
    return found
