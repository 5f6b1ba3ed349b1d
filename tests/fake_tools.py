"""A script in the place of docker, podman or buildah: it answers as they do, and keeps what it was called with."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DIGEST = "sha256:" + "d" * 64
IMAGE_ID = "sha256:" + "1" * 64
LAYERS = (100_000_000, 150_000_000, 0, 102_000_000, 700_000)  # lowest first; one step left no files

_SCRIPT = """\
#!{python}
import json, os, pathlib, sys
arguments, here = sys.argv[1:], pathlib.Path({folder!r})
options = dict(each[2:].split("=", 1) for each in arguments if each.startswith("--") and "=" in each)
config = pathlib.Path(os.environ.get("DOCKER_CONFIG", "/nowhere"))
call = {{
    "arguments": arguments,
    "buildkit": os.environ.get("DOCKER_BUILDKIT"),
    "attestations_off": os.environ.get("BUILDX_NO_DEFAULT_ATTESTATIONS"),
}}
if arguments[0] == "push" and {name!r} == "docker":
    call["config"] = json.loads((config / "config.json").read_text())
    call["folder"], call["mode"] = str(config), config.stat().st_mode & 0o777
    call["contexts"] = sorted(path.name for path in (config / "contexts").glob("*"))
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(call) + "\\n")
if arguments[0] == {failing!r}:
    print("the last words:", {words!r}, file=sys.stderr)
    sys.exit(1)
if arguments[0] in ("version", "info"):
    print("28.2.2")
elif arguments[0] == "build":
    print("#1 [build 1/4] FROM base")
    pathlib.Path(options["iidfile"]).write_text({image_id!r})
    context = pathlib.Path(arguments[-1])
    (here / "context.json").write_text(json.dumps(sorted(str(p.relative_to(context)) for p in context.rglob("*"))))
elif arguments[0] == "history":
    sizes = list(reversed({layers!r}))
    lines = [json.dumps({{"Size": str(size)}}) for size in sizes]
    print("\\n".join(lines) if {name!r} == "docker" else json.dumps([{{"size": size}} for size in sizes]))
elif arguments[0] == "push":
    print("The push refers to repository [" + arguments[-1] + "]")
    print("1: digest: {digest} size: 1234")
"""


@dataclass(frozen=True)
class FakeTool:
    folder: Path

    def calls(self, command: str) -> list[dict[str, Any]]:
        """What it was called with for ``command`` (``build``, ``push``), in order."""
        lines = (self.folder / "calls.jsonl").read_text().splitlines()
        return [call for call in map(json.loads, lines) if call["arguments"][0] == command]

    def call(self, command: str) -> dict[str, Any]:
        (only,) = self.calls(command)
        return only

    def context(self) -> list[str]:
        """The paths in the folder that the image was built from."""
        return json.loads((self.folder / "context.json").read_text())


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "docker", *, failing: str = "", words: str = ""
) -> FakeTool:
    """The only container tool on PATH. The command ``failing`` fails with ``words``."""
    (folder / "bin").mkdir(exist_ok=True)
    script = folder / "bin" / name
    values = {"python": sys.executable, "folder": str(folder), "name": name, "failing": failing, "words": words}
    script.write_text(_SCRIPT.format(**values, image_id=IMAGE_ID, layers=LAYERS, digest=DIGEST))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"))
    return FakeTool(folder)
