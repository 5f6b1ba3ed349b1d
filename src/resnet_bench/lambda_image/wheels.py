"""The wheels for an image, downloaded on this machine by its own pip, for the target's Python and processor.

pip's settings (indexes, proxies, certificates, credentials) are used here and stay here: the build gets files.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from resnet_bench.container.tools import Tool, ask, run
from resnet_bench.errors import ContainerError, EngineError
from resnet_bench.lambda_image import Architecture
from resnet_bench.progress import SILENT, Progress

_PIP = Tool("pip", sys.executable)
_MACHINES: dict[Architecture, str] = {"x86_64": "x86_64", "arm64": "aarch64"}
# glibc of AWS's bases: Amazon Linux 2023 has 2.34, Amazon Linux 2 (before Python 3.12) 2.26. Wheels name 2.17 on.
_GLIBC_MINOR, _GLIBC_MINOR_BEFORE_312, _GLIBC_MINOR_OLDEST = 34, 26, 17
_CUDA = re.compile(r"(nvidia|cuda)[-_]", re.IGNORECASE)


class _Metadata(msgspec.Struct):
    name: str
    version: str
    requires_dist: list[str] = []


class _Found(msgspec.Struct):
    metadata: _Metadata


class _Report(msgspec.Struct):
    """What matters here of pip's installation report (https://pip.pypa.io/en/stable/reference/installation-report/)."""

    install: list[_Found]


def pinned(packages: Sequence[str]) -> list[str]:
    """Each package with the version that is installed here, so that both sides of a comparison run the same.

    A local part of the version (``+cpu``) is left out: it names the index, not the program.

    Raises:
        EngineError: one is not installed.
    """
    found = []
    for package in packages:
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError as error:
            raise EngineError(f"the image needs {package}, which is not installed", f"pip install {package}") from error
        found.append(f"{package}=={version.partition('+')[0]}")
    return found


def target_options(architecture: Architecture, python_version: str) -> list[str]:
    """What tells pip for which machine wheels shall be; best platform first."""
    recent = tuple(map(int, python_version.split("."))) >= (3, 12)
    newest = _GLIBC_MINOR if recent else _GLIBC_MINOR_BEFORE_312
    machine = _MACHINES[architecture]
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, _GLIBC_MINOR_OLDEST - 1, -1)]
    return [
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={python_version}",
        *(f"--platform={platform}" for platform in (*platforms, f"manylinux2014_{machine}")),
    ]


def download(
    requirements: Sequence[str], folder: Path, target: Sequence[str], *, what: str, progress: Progress = SILENT
) -> None:
    """Fetch the wheels of ``requirements`` (pinned) and of all that they need into ``folder``.

    ``target`` is of ``target_options``, and ``what`` its name for people.

    Raises:
        ContainerError: there is no such wheel for the target, PyTorch's would carry CUDA, or the download failed.
    """
    for requirement in requirements:
        if requirement.startswith("torch=="):
            progress.step(f"asking for {requirement}")
            _refuse_cuda(requirement, target)
    command = ["-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    try:
        run(
            _PIP,
            [*command, *target, f"--dest={folder}", *requirements],
            doing="downloading the image's packages",
            progress=_Packages(progress),
        )
    except ContainerError as error:
        raise _explained(error, what) from error


@dataclass(frozen=True)
class _Packages:
    """A ``Progress`` that passes on what pip says of packages, and not where it looks for them."""

    progress: Progress

    def step(self, text: str, fraction: float | None = None) -> None:
        if "Looking in " not in text:
            self.progress.step(text, fraction)


def _refuse_cuda(requirement: str, target: Sequence[str]) -> None:
    """Lambda has no GPU, and PyPI's torch for Linux brings gigabytes for one. Asked before anything is downloaded."""
    options = [
        "--dry-run",
        "--ignore-installed",
        "--no-deps",
        "--quiet",
        "--no-input",
        "--report=-",
        "--target=/nowhere",
    ]
    try:
        answer = ask(_PIP, ["-m", "pip", "install", *options, *target, requirement], doing="asking for PyTorch's wheel")
    except ContainerError as error:
        raise _explained(error, "the image") from error
    for found in msgspec.json.decode(answer, type=_Report).install:
        if any(map(_CUDA.match, found.metadata.requires_dist)):
            raise ContainerError(
                f"pip would take {requirement} with CUDA, which is gigabytes for a GPU that Lambda does not have",
                "name PyTorch's index of CPU-only wheels in PIP_EXTRA_INDEX_URL; "
                "https://pytorch.org/get-started/locally shows its address",
            )


def _explained(error: ContainerError, what: str) -> ContainerError:
    wanted = next(_unmatched(error.details), None)
    if wanted is None:
        explained = ContainerError(
            "the image's packages could not be downloaded", "check the network and pip's settings"
        )
    else:
        explained = ContainerError(
            f"there is no wheel of {wanted} for {what}",
            "the image runs the versions that are installed here: install one that has such a wheel",
        )
    explained.details = error.details
    return explained


def _unmatched(text: str) -> Iterator[str]:
    for match in re.finditer(r"No matching distribution found for ([^\s;]+)", text):
        yield match[1]
