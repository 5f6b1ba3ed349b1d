"""Which wheels an image gets: pip is real, and a folder of tiny wheels is all that it finds."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from fake_wheels import make_wheel, serve_only
from resnet_bench.errors import ContainerError, EngineError
from resnet_bench.lambda_image.wheels import download, pinned, target_options

X86 = target_options("x86_64", "3.13")
CUDA = ["filelock", 'nvidia-cudnn-cu13==9.24.0.43; platform_system == "Linux"']


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    serve_only(folder, monkeypatch)
    return folder


def fetched(tmp_path: Path, *requirements: str, target: list[str] = X86) -> list[str]:
    download(requirements, tmp_path / "wheels", target, what="Python 3.13 on x86_64")
    return sorted(path.name for path in (tmp_path / "wheels").iterdir())


def test_the_versions_are_those_installed_here() -> None:
    assert pinned(["numpy", "msgspec"]) == [
        f"numpy=={importlib.metadata.version('numpy')}",
        f"msgspec=={importlib.metadata.version('msgspec')}",
    ]


def test_the_index_that_a_version_came_from_is_not_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "2.14.1+cpu")
    assert pinned(["torch"]) == ["torch==2.14.1"]


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(EngineError, match="the image needs no-such-package, which is not installed"):
        pinned(["no-such-package"])


def test_the_target_is_what_awss_bases_can_load() -> None:
    assert "--platform=manylinux_2_34_x86_64" in X86
    assert "--platform=manylinux_2_35_x86_64" not in X86
    assert "--platform=manylinux2014_x86_64" in X86
    arm = target_options("arm64", "3.13")
    assert all(option.endswith("_aarch64") for option in arm if option.startswith("--platform"))
    old = target_options("x86_64", "3.11")
    assert "--platform=manylinux_2_26_x86_64" in old
    assert "--platform=manylinux_2_27_x86_64" not in old


def test_the_targets_wheel_is_taken_and_what_it_needs(index: Path, tmp_path: Path) -> None:
    make_wheel(index, "engine", "1.0", tag="cp313-cp313-manylinux_2_28_x86_64", requires=["helper"])
    make_wheel(index, "engine", "1.0", tag="cp313-cp313-manylinux_2_28_aarch64", requires=["helper"])
    make_wheel(index, "engine", "1.0", tag="cp311-cp311-manylinux_2_28_x86_64", requires=["helper"])
    make_wheel(index, "helper", "3")
    assert fetched(tmp_path, "engine==1.0") == [
        "engine-1.0-cp313-cp313-manylinux_2_28_x86_64.whl",
        "helper-3-py3-none-any.whl",
    ]


def test_a_version_without_a_wheel_for_the_target_is_named(index: Path, tmp_path: Path) -> None:
    make_wheel(index, "engine", "1.0", tag="cp313-cp313-manylinux_2_28_aarch64")
    with pytest.raises(ContainerError, match=r"there is no wheel of engine==1.0 for Python 3.13 on x86_64") as caught:
        fetched(tmp_path, "engine==1.0")
    assert "install one that has such a wheel" in caught.value.hint
    assert "No matching distribution" in caught.value.details


def test_torch_with_cuda_is_refused_before_anything_is_downloaded(index: Path, tmp_path: Path) -> None:
    make_wheel(index, "torch", "2.14.1", tag="cp313-cp313-manylinux_2_28_x86_64", requires=CUDA)
    make_wheel(index, "numpy", "2.0")
    with pytest.raises(ContainerError, match=r"torch==2.14.1 with CUDA") as caught:
        fetched(tmp_path, "numpy==2.0", "torch==2.14.1")
    assert "PIP_EXTRA_INDEX_URL" in caught.value.hint
    assert not (tmp_path / "wheels").exists()


def test_torch_for_the_cpu_is_preferred_where_an_index_has_it(index: Path, tmp_path: Path) -> None:
    make_wheel(index, "torch", "2.14.1", tag="cp313-cp313-manylinux_2_28_x86_64", requires=CUDA)
    make_wheel(index, "torch", "2.14.1+cpu", tag="cp313-cp313-manylinux_2_28_x86_64")
    assert fetched(tmp_path, "torch==2.14.1") == ["torch-2.14.1+cpu-cp313-cp313-manylinux_2_28_x86_64.whl"]


def test_a_torch_that_pip_does_not_find_is_named(index: Path, tmp_path: Path) -> None:
    with pytest.raises(ContainerError, match=r"there is no wheel of torch==2.14.1 for"):
        fetched(tmp_path, "torch==2.14.1")
