"""A place for container images that belongs to the tests alone, and the settings by which every tool finds it.

What a machine without overlay file system and systemd needs is said here, in the tools' own environment and
configuration files, and nowhere in the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_STORAGE = """\
[storage]
driver = "vfs"
graphroot = "{folder}/graph"
runroot = "{folder}/run"
"""
# Without systemd: cgroups by plain files and events in one. Limits on open files cannot be raised in every container.
_CONTAINERS = """\
[containers]
default_ulimits = []
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{folder}/libpod"
"""
_REGISTRIES = """\
unqualified-search-registries = []
[[registry]]
location = "127.0.0.1"
insecure = true
"""


@dataclass(frozen=True)
class Store:
    """``environment`` is what a tool needs to work in this store."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def create(cls, folder: Path) -> Store:
        files = {"storage.conf": _STORAGE, "containers.conf": _CONTAINERS, "registries.conf": _REGISTRIES}
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text.format(folder=folder))
        environment = {
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "STORAGE_DRIVER": "vfs",
        }
        return cls(folder, environment)

    def run(self, *command: str, stdin: str = "") -> str:
        """The standard output of a tool that works in this store."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def remove(self) -> None:
        """With the containers that still run in it."""
        self.run("podman", "rm", "--all", "--force")
        shutil.rmtree(self.folder)
