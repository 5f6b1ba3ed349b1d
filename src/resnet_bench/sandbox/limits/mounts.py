"""Where the cgroup hierarchies are mounted, and where a process stands in each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_UNESCAPED = {r"\040": " ", r"\011": "\t", r"\012": "\n", r"\134": "\\"}


@dataclass(frozen=True)
class Hierarchy:
    """``mount``: its mount point. ``own``: this process's own folder in it, at or below the mount point."""

    mount: Path
    own: Path


def find_v1(controller: str, proc: Path = Path("/proc/self"), of: Path | None = None) -> Hierarchy | None:
    """The version 1 hierarchy of a controller (``cpu``, ``memory``, ``freezer``), if it is mounted.

    ``of``: another process's folder in ``/proc``, whose place is wanted instead, as seen from ``proc``'s mounts.
    """
    return _find(proc, "cgroup", controller, of or proc)


def find_v2(proc: Path = Path("/proc/self"), of: Path | None = None) -> Hierarchy | None:
    """As ``find_v1``."""
    return _find(proc, "cgroup2", "", of or proc)


def _find(proc: Path, filesystem: str, controller: str, of: Path) -> Hierarchy | None:
    position = _position(of, controller)
    for line in (proc / "mountinfo").read_text().splitlines():
        # proc(5): id parent major:minor root mount-point options [optional...] - type source super-options
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind != filesystem or (controller and controller not in options.split(",")):
            continue
        root, mount = (_unescape(field) for field in before.split(" ")[3:5])
        # In a container the mount may show only a part of the hierarchy, or the position lie outside of it.
        below = os.path.relpath(position, root) if position else "."
        own = Path(mount) if below.startswith("..") else Path(mount) / below
        return Hierarchy(Path(mount), own if own.is_dir() else Path(mount))
    return None


def _position(proc: Path, controller: str) -> str:
    """This process's path in the hierarchy; empty if it is in none."""
    for line in (proc / "cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if (controller in controllers.split(",")) if controller else (number == "0"):
            return path
    return ""


def _unescape(field: str) -> str:
    for code, character in _UNESCAPED.items():
        field = field.replace(code, character)
    return field
