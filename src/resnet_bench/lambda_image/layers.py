"""The sizes of an image's layers, which every tool tells in its own way."""

from __future__ import annotations

import msgspec

from resnet_bench.container.tools import Tool, ask

_DOING = "reading the image's layers"


class _DockerStep(msgspec.Struct):
    """``docker history``; a number as text, because it was asked not to write it for humans."""

    size: str = msgspec.field(name="Size")


class _PodmanStep(msgspec.Struct):
    size: int


class _BuildahImage(msgspec.Struct):
    """``Manifest`` is a JSON document within the document."""

    manifest: str = msgspec.field(name="Manifest")


class _Blob(msgspec.Struct):
    size: int


class _Manifest(msgspec.Struct):
    layers: list[_Blob]


def layer_sizes(tool: Tool, image: str) -> list[int]:
    """In bytes, uncompressed, lowest first; without the steps of a build that left no files.

    Raises:
        ContainerError: no such image, or the tool failed.
    """
    sizes = {"docker": _of_docker, "podman": _of_podman, "buildah": _of_buildah}[tool.name](tool, image)
    return [size for size in sizes if size > 0]


def _of_docker(tool: Tool, image: str) -> list[int]:
    lines = ask(tool, ["history", "--human=false", "--format={{json .}}", image], doing=_DOING).splitlines()
    return [int(msgspec.json.decode(line, type=_DockerStep).size) for line in reversed(lines)]


def _of_podman(tool: Tool, image: str) -> list[int]:
    steps = msgspec.json.decode(ask(tool, ["history", "--format=json", image], doing=_DOING), type=list[_PodmanStep])
    return [step.size for step in reversed(steps)]


def _of_buildah(tool: Tool, image: str) -> list[int]:
    """Layers lie uncompressed in its store, and so the manifest there counts them."""
    found = msgspec.json.decode(ask(tool, ["inspect", "--type=image", image], doing=_DOING), type=_BuildahImage)
    return [blob.size for blob in msgspec.json.decode(found.manifest, type=_Manifest).layers]
