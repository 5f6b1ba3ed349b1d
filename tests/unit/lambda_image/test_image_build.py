"""Building with a script in the place of docker and podman: what they are asked, and what is made of their answers."""

from __future__ import annotations

import importlib.metadata
import platform
import tempfile
from pathlib import Path

import pytest

import fake_tools
from fake_wheels import make_wheel, serve_only
from resnet_bench.container.tools import find
from resnet_bench.errors import ContainerError
from resnet_bench.inference.model import Model
from resnet_bench.lambda_image.build import BASE, Layer, build, python_of


@pytest.fixture(autouse=True)
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "tmp").mkdir()
    for package in ("msgspec", "numpy", "pillow", "onnxruntime"):
        make_wheel(tmp_path / "index", package, importlib.metadata.version(package))
    serve_only(tmp_path / "index", monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def values(arguments: list[str], option: str) -> list[str]:
    return [each.partition("=")[2] for each in arguments if each.startswith(f"--{option}=")]


def test_docker_builds_with_buildkit_and_without_attestations(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = fake_tools.install(tmp_path, monkeypatch)
    build("onnx", model.folder)
    call = docker.call("build")
    assert (call["buildkit"], call["attestations_off"]) == ("1", "1")
    assert values(call["arguments"], "tag") == ["resnet-bench:onnx-x86_64"]
    assert values(call["arguments"], "platform") == ["linux/amd64"]
    arguments = values(call["arguments"], "build-arg")
    assert f"BASE={BASE}" in arguments
    assert "ENGINE=onnx" in arguments
    # Its daemon may be a machine of another kind.
    assert not any(each.startswith("BUILDPLATFORM") for each in arguments)
    assert {"Dockerfile", "code/resnet_bench/handler.py", "model/resnet50.onnx"} <= set(docker.context())


def test_podman_is_told_the_machines_own_platform(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    podman = fake_tools.install(tmp_path, monkeypatch, "podman")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    build("onnx", model.folder, tag="mine:1", base="localhost/base:3.12")
    arguments = podman.call("build")["arguments"]
    assert "BUILDPLATFORM=linux/arm64" in values(arguments, "build-arg")
    assert "BASE=localhost/base:3.12" in values(arguments, "build-arg")
    assert values(arguments, "tag") == ["mine:1"]
    assert "--layers" in arguments


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_what_was_built_is_read_back(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    fake_tools.install(tmp_path, monkeypatch, name)
    built = build("onnx", model.folder)
    assert built.id == fake_tools.IMAGE_ID
    assert built.base_bytes == 100_000_000
    assert built.layers == (Layer("packages", 150_000_000), Layer("model", 102_000_000), Layer("code", 700_000))
    assert built.over_base_bytes == 252_700_000
    assert built.size_bytes == 352_700_000
    assert built.tool == find(wanted=name)


def test_a_failed_build_is_told_in_the_tools_words_and_leaves_nothing(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tools.install(tmp_path, monkeypatch, failing="build", words="no space left on device")
    with pytest.raises(ContainerError, match="building the image: docker failed with exit code 1") as caught:
        build("onnx", model.folder)
    assert "no space left on device" in caught.value.details
    assert not list((tmp_path / "tmp").iterdir())


def test_an_image_of_fewer_layers_than_were_copied_is_an_error(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_tools, "LAYERS", (100_000_000, 252_000_000))
    fake_tools.install(tmp_path, monkeypatch)
    with pytest.raises(ContainerError, match="2 layers"):
        build("onnx", model.folder)


@pytest.mark.parametrize(
    ("base", "version"),
    [
        (BASE, "3.13"),
        ("public.ecr.aws/lambda/python:3.12-x86_64", "3.12"),
        ("public.ecr.aws/lambda/python:3.13.2025.05.20.01", "3.13"),
        ("registry.example:3000/team/python:latest", "3.13"),
        ("registry.example:3000/team/python", "3.13"),
        ("localhost/lambda-python:3.14", "3.14"),
        ("python@sha256:" + "3" * 64, "3.13"),
    ],
)
def test_the_bases_tag_says_which_python_it_has(base: str, version: str) -> None:
    assert python_of(base) == version
