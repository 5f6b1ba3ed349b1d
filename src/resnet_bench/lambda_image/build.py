"""Building the image, and reading back what was built."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resnet_bench.container.tools import Tool, find, run
from resnet_bench.errors import ContainerError
from resnet_bench.lambda_image import Architecture
from resnet_bench.lambda_image.context import Context, prepare
from resnet_bench.lambda_image.layers import layer_sizes
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Decode
from resnet_bench.sandbox.janitor import temporary_folder

BASE = "public.ecr.aws/lambda/python:3.13"
_PYTHON = "3.13"
# What the last stage of the Dockerfile copies, lowest first.
_LAYERS = ("packages", "model", "code")
_PLATFORMS: dict[Architecture, str] = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


@dataclass(frozen=True)
class Layer:
    """``what`` is ``packages``, ``model`` or ``code``; the size is that of its files, uncompressed."""

    what: str
    size_bytes: int


@dataclass(frozen=True)
class BuiltImage:
    """``id`` is the local one (``sha256:...``), not the digest, which an image gets by being pushed.

    ``layers`` lie over the base, lowest first; ``tool`` is the one whose store holds the image.
    """

    name: str
    id: str
    engine: str
    architecture: Architecture
    base: str
    base_bytes: int
    layers: tuple[Layer, ...]
    tool: Tool

    @property
    def over_base_bytes(self) -> int:
        return sum(layer.size_bytes for layer in self.layers)

    @property
    def size_bytes(self) -> int:
        return self.base_bytes + self.over_base_bytes


def build(
    engine: str,
    model_folder: Path,
    *,
    architecture: Architecture = "x86_64",
    base: str | None = None,
    python_version: str | None = None,
    decode: Decode = "exact",
    tag: str | None = None,
    tool: Tool | None = None,
    progress: Progress = SILENT,
) -> BuiltImage:
    """Build the image of ``engine`` with the model in ``model_folder``, which ``inference.model.prepare`` has made.

    Args:
        base: an image with AWS's conventions; default: ``BASE``.
        python_version: of the base; default: what its tag says, else 3.13.
        decode: how its function decodes images.
        tag: the image's name; default: ``resnet-bench:ENGINE-ARCHITECTURE``.
        tool: default: the first that works here.

    Raises:
        UsageError: unknown engine.
        WeightsError, EngineError: as ``context.prepare``.
        ContainerError: no tool, no wheels, or the build failed.
    """
    chosen = tool or find()
    base = base or BASE
    name = tag or f"resnet-bench:{engine}-{architecture}"
    with temporary_folder("resnet-bench-image-") as folder:
        (folder / "context").mkdir()
        context = prepare(
            folder / "context",
            engine,
            model_folder,
            architecture=architecture,
            python_version=python_version or python_of(base),
            decode=decode,
            progress=progress,
        )
        id_file = folder / "id"
        run(
            chosen,
            _command(chosen, context, base=base, name=name, architecture=architecture, id_file=id_file),
            doing="building the image",
            env=_ENVIRONMENT,
            progress=progress,
        )
        image_id = id_file.read_text().strip()
    progress.step("reading the image's layers")
    sizes = layer_sizes(chosen, image_id)
    if len(sizes) <= len(_LAYERS):
        raise ContainerError(
            f"the image has {len(sizes)} layers, fewer than were built", f"check {chosen.name}: does it squash layers?"
        )
    *below, packages, model, code = sizes
    return BuiltImage(
        name=name,
        id=image_id if image_id.startswith("sha256:") else f"sha256:{image_id}",
        engine=engine,
        architecture=architecture,
        base=base,
        base_bytes=sum(below),
        layers=tuple(map(Layer, _LAYERS, (packages, model, code))),
        tool=chosen,
    )


# For docker. BuildKit knows BUILDPLATFORM, which the old builder does not. Lambda refuses an image whose manifest is an
# index, into which BuildKit's attestations would turn it
# (https://docs.aws.amazon.com/lambda/latest/dg/python-image.html, --provenance=false).
_ENVIRONMENT = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


def _command(
    tool: Tool, context: Context, *, base: str, name: str, architecture: Architecture, id_file: Path
) -> Sequence[str]:
    arguments = {**context.arguments, "BASE": base}
    if tool.name == "docker":
        options = ["--progress=plain"]
    else:
        # buildah 1.28 leaves it empty in a FROM. The machine of their command is the one that builds.
        arguments["BUILDPLATFORM"] = f"linux/{_go_architecture(platform.machine())}"
        # buildah would make one layer of all without it.
        options = ["--layers"]
    return [
        "build",
        *options,
        f"--platform={_PLATFORMS[architecture]}",
        *(f"--build-arg={key}={value}" for key, value in arguments.items()),
        f"--iidfile={id_file}",
        f"--tag={name}",
        f"--file={context.folder / 'Dockerfile'}",
        str(context.folder),
    ]


def _go_architecture(machine: str) -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def python_of(base: str) -> str:
    """As AWS tags its bases: ``python:3.13``, ``python:3.13-x86_64``, ``python:3.13.2025.05.20.01``."""
    match = re.search(r":(3\.\d+)(?=[^/]*$)", base)
    return match[1] if match else _PYTHON
