"""A container registry on this machine: Debian's ``docker-registry``, behind a user name and a password."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandboxes import wait_until

USERNAME = "AWS"  # ECR's own for everybody
PASSWORD = "a-password-of-twelve-hours"  # of a registry that lives for one test
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {folder}/blobs
http:
  addr: 127.0.0.1:0
auth:
  htpasswd:
    realm: tests
    path: {folder}/htpasswd
"""


@dataclass(frozen=True)
class Registry:
    host: str

    def manifest(self, name: str, reference: str) -> tuple[dict[str, Any], str]:
        """A pushed image's manifest and its digest, as the registry tells them."""
        url = f"http://{self.host}/v2/{name}/manifests/{reference}"
        answer = httpx.get(url, auth=(USERNAME, PASSWORD), headers={"accept": _MANIFESTS}).raise_for_status()
        return answer.json(), answer.headers["docker-content-digest"]


def missing() -> str | None:
    absent = [tool for tool in ("docker-registry", "htpasswd") if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)} (Debian: docker-registry, apache2-utils)" if absent else None


@contextmanager
def running_registry(folder: Path) -> Iterator[Registry]:
    """It keeps its files and its log in ``folder``."""
    config, log = folder / "config.yml", folder / "log.txt"
    config.write_text(_CONFIG.format(folder=folder))
    htpasswd = ["htpasswd", "-Bbn", USERNAME, PASSWORD]  # the registry reads no other hash than bcrypt
    (folder / "htpasswd").write_bytes(subprocess.run(htpasswd, check=True, capture_output=True).stdout)
    with log.open("wb") as output:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=output, stderr=output)
    try:
        listening = re.compile(r"listening on (127\.0\.0\.1:\d+)")
        wait_until(lambda: process.poll() is not None or bool(listening.search(log.read_text())), "the registry")
        found = listening.search(log.read_text())
        assert found, log.read_text()
        yield Registry(found[1])
    finally:
        process.kill()
        process.wait()
