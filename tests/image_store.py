"""A place for container images that belongs to the tests alone, and the settings by which every tool finds it.

What a machine without systemd, or without an overlay file system, needs is said here, in the tools' own environment
and configuration files, and nowhere in the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_STORAGE = """\
[storage]
driver = "{driver}"
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
        driver = "overlay" if _can_overlay(folder) else "vfs"
        for name, text in files.items():
            (folder / name).write_text(text.format(folder=folder, driver=driver))
        environment = {
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "STORAGE_DRIVER": driver,
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

    def derive(self, base: str, name: str, *settings: str, add: tuple[Path, str] | None = None) -> str:
        """``name``, which is ``base`` with other ``settings`` (``buildah config``) and a file that goes into a folder.

        It takes 0.2 s, where the import of a whole image takes 5.
        """
        container = self.run("buildah", "from", "--pull-never", base).strip()
        if add is not None:
            self.run("buildah", "copy", "--chown=0:0", container, *map(str, add))
        self.run("buildah", "config", *settings, container)
        self.run("buildah", "commit", "--quiet", "--rm", container, name)
        return name

    def remove(self) -> None:
        """With the containers that still run in it."""
        self.run("podman", "rm", "--all", "--force")
        shutil.rmtree(self.folder)


def _can_overlay(folder: Path) -> bool:
    """Whether layers can lie over each other here; without, every one is a copy of all below (a third of the speed)."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        lower, upper, work, merged = (Path(name, each) for each in ("lower", "upper", "work", "merged"))
        for each in (lower, upper, work, merged):
            each.mkdir()
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        mount = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", str(merged)], check=True)
        return True
