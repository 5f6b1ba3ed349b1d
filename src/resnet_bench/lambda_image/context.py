"""The folder that an image is built from: Dockerfile, wheels, the package's parts for Lambda, one model.

Dockerfile     a copy of Dockerfile.lambda
wheels/        of the engine and of what the handler needs
code/          resnet_bench/, without what only the command line uses
model/         manifest.json and the engine's files
"""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from resnet_bench import __version__
from resnet_bench.inference.engines import registered
from resnet_bench.inference.exports import files_of
from resnet_bench.inference.model import MANIFEST, Model
from resnet_bench.lambda_image import Architecture
from resnet_bench.lambda_image.wheels import download, pinned, target_options
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Decode

# A link to the one at the top of the repository; a wheel holds the file itself.
_DOCKERFILE = Path(__file__).with_name("Dockerfile.lambda")
_TRIM = Path(__file__).with_name("trim.py")
_PACKAGE = Path(__file__).parents[1]
# What the handler needs beside its engine.
_RUNTIME = ("msgspec", "numpy", "pillow")
# Those parts of the package that the handler's import reaches. A test imports it from these alone.
PARTS = (
    "__init__.py",
    "emf.py",
    "errors.py",
    "handler.py",
    "http_event.py",
    "inference",
    "processor.py",
    "progress.py",
    "results",
    "sandbox",
    "trace_header.py",
    "units.py",
    "unreadable.py",
    "wire.py",
)


@dataclass(frozen=True)
class Context:
    """A prepared ``folder``, and the values of the Dockerfile's arguments."""

    folder: Path
    arguments: dict[str, str]


def prepare(
    folder: Path,
    engine: str,
    model_folder: Path,
    *,
    architecture: Architecture,
    python_version: str,
    decode: Decode = "exact",
    progress: Progress = SILENT,
) -> Context:
    """Fill ``folder``, which exists and is empty.

    Raises:
        UsageError: no engine has that name.
        WeightsError: no model in ``model_folder``.
        EngineError: the model was prepared without the engine's artefact, or the engine is not installed here.
        ContainerError: the wheels cannot be had.
    """
    wanted = registered(engine)
    model = Model.open(model_folder)
    files = [model.path(file) for file in files_of(wanted, host_bound=architecture == _this_architecture())]
    packages = dict.fromkeys([*_RUNTIME, *(library.partition(".")[0] for library in wanted.libraries)])
    target = target_options(architecture, python_version)

    shutil.copyfile(_DOCKERFILE, folder / "Dockerfile")
    shutil.copyfile(_TRIM, folder / _TRIM.name)
    _copy_code(folder / "code" / _PACKAGE.name)
    download(
        pinned(tuple(packages)),
        folder / "wheels",
        target,
        what=f"Python {python_version} on {architecture}",
        progress=progress,
    )
    progress.step("copying the model")
    (folder / "model").mkdir()
    for file in (model.folder / MANIFEST, *files):
        shutil.copyfile(file, folder / "model" / file.name)
    _make_readable(folder)
    return Context(
        folder,
        {
            "PIP_TARGET_OPTIONS": " ".join(target),
            "ENGINE": engine,
            "DECODE": decode,
            "VERSION": __version__,
            "WEIGHTS": model.manifest.weights,
            "WEIGHTS_SHA256": model.manifest.weights_sha256,
            "TRAINED": str(model.manifest.trained).lower(),
        },
    )


def _this_architecture() -> str:
    machine = platform.machine()
    return "arm64" if machine == "aarch64" else machine


def _copy_code(target: Path) -> None:
    target.mkdir(parents=True)
    for part in PARTS:
        source = _PACKAGE / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target / part)


def _make_readable(folder: Path) -> None:
    """Lambda runs as a user of its own, and images keep the modes that this user's umask gave the files."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
