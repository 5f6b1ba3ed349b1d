"""A container's own cgroup folders, found from outside by one of its processes."""

from __future__ import annotations

import re
from pathlib import Path

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.limits.cgroup1_files import Cgroup1Files
from resnet_bench.sandbox.limits.cgroup2_files import Cgroup2Files
from resnet_bench.sandbox.limits.mounts import Hierarchy, find_v1, find_v2

CgroupFiles = Cgroup1Files | Cgroup2Files
# docker-ID.scope, /docker/ID, libpod-ID.scope, /libpod_parent/libpod-ID. A runtime may put the processes one folder
# further down (crun: libpod-ID.scope/container); the limits are on the folder with the id.
_ID = re.compile(r"[0-9a-f]{64}")


def container_files(pid: int, proc: Path = Path("/proc")) -> CgroupFiles:
    """The files that hold the container in which process ``pid`` runs.

    Raises:
        SandboxError: it is in no container that can be seen from here.
    """
    own, of = proc / "self", proc / str(pid)
    try:
        folders = {name: _container(find_v1(name, own, of)) for name in ("cpu", "memory", "freezer")}
        if folders["cpu"] and folders["memory"]:
            return Cgroup1Files({name: folder for name, folder in folders.items() if folder})
        folder = _container(find_v2(own, of))
    except OSError as error:
        raise SandboxError(f"the container's process {pid} cannot be seen from here: {error.strerror}") from error
    if folder is None:
        raise SandboxError(
            f"the container's cgroup is not visible here: its process {pid} stands in none that carries its id",
            "container tools that work in a virtual machine of their own cannot be measured; take --limiter",
        )
    return Cgroup2Files(folder)


def _container(hierarchy: Hierarchy | None) -> Path | None:
    """The innermost folder with an id in its name; never one that other processes share."""
    if hierarchy is None:
        return None
    levels = (hierarchy.own, *hierarchy.own.parents)
    within = levels[: levels.index(hierarchy.mount)]
    return next((folder for folder in within if _ID.search(folder.name)), None)
