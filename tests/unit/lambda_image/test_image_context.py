"""The folder that an image is built from."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_wheels import make_wheel, serve_only
from resnet_bench import __version__
from resnet_bench.errors import EngineError, UsageError, WeightsError
from resnet_bench.inference.engines import NAMES
from resnet_bench.inference.model import Model
from resnet_bench.lambda_image import Architecture
from resnet_bench.lambda_image.context import Context, prepare
from variants import runnable

HERE: Architecture
OTHER: Architecture
HERE, OTHER = ("x86_64", "arm64") if platform.machine() == "x86_64" else ("arm64", "x86_64")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all that any engine needs, empty."""
    folder = tmp_path_factory.mktemp("index")
    for package in ("msgspec", "numpy", "pillow", "onnxruntime", "torch", "safetensors", "openvino"):
        make_wheel(folder, package, importlib.metadata.version(package).partition("+")[0])
    return folder


@pytest.fixture
def private() -> Iterator[None]:
    """Files are made for this user alone, as many a user's umask wants it."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def prepared(folder: Path, model: Model, engine: str = "onnx", architecture: Architecture = HERE) -> Context:
    return prepare(folder, engine, model.folder, architecture=architecture, python_version="3.13")


@pytest.fixture
def folder(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    serve_only(wheels, monkeypatch)
    (tmp_path / "context").mkdir()
    return tmp_path / "context"


PLAIN, OPTIMISED = (
    {"resnet50.onnx", "resnet50.onnx.data"},
    {"resnet50.optimised.onnx", "resnet50.optimised.onnx.data"},
)
INT8 = {"resnet50-int8.onnx", "resnet50-int8.optimised.onnx", "resnet50-int8.optimised.onnx.data"}


@pytest.mark.parametrize(
    ("engine", "files", "libraries"),
    [
        ("onnx", PLAIN | OPTIMISED, {"onnxruntime"}),
        ("onnx-int8", INT8, {"onnxruntime"}),
        ("torch", {"resnet50.folded.safetensors"}, {"torch", "safetensors"}),
        ("openvino-bf16", PLAIN, {"openvino"}),
        ("openvino-int8", {"resnet50-int8.onnx"}, {"openvino"}),
    ],
)
def test_it_holds_the_variants_files_and_libraries_alone(
    folder: Path, int8_model: Model, engine: str, files: set[str], libraries: set[str]
) -> None:
    made = prepared(folder, int8_model, engine)
    assert {path.name for path in folder.iterdir()} == {"Dockerfile", "code", "model", "trim.py", "wheels"}
    assert {path.name for path in (folder / "model").iterdir()} == {"manifest.json", *files}
    packages = {path.name.partition("-")[0] for path in (folder / "wheels").iterdir()}
    assert packages == {"msgspec", "numpy", "pillow", *libraries}
    assert made.arguments["ENGINE"] == engine


@pytest.mark.parametrize("engine", ["onnx", "onnx-int8"])
def test_another_architecture_gets_no_graph_that_was_optimised_for_this_one(
    folder: Path, int8_model: Model, engine: str
) -> None:
    prepared(folder, int8_model, engine, OTHER)
    files = [path.name for path in (folder / "model").iterdir()]
    assert len(files) > 1
    assert not [name for name in files if "optimised" in name]


def test_its_arguments_say_what_the_image_is(folder: Path, model: Model) -> None:
    arguments = prepared(folder, model).arguments
    assert arguments.pop("PIP_TARGET_OPTIONS").startswith("--only-binary=:all: --implementation=cp")
    assert arguments == {
        "ENGINE": "onnx",
        "DECODE": "exact",
        "VERSION": __version__,
        "WEIGHTS": "random",
        "WEIGHTS_SHA256": model.manifest.weights_sha256,
        "TRAINED": "false",
    }


@pytest.mark.parametrize("engine", NAMES)
def test_the_handler_needs_no_other_part_of_the_package_and_no_other_file(
    folder: Path, int8_model: Model, engine: str
) -> None:
    prepared(folder, int8_model, runnable(engine).name)
    settings = {
        "PYTHONPATH": str(folder / "code"),
        "RESNET_BENCH_MODEL": str(folder / "model"),
        "RESNET_BENCH_ENGINE": engine,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
    }
    code = f"import resnet_bench.handler as h; assert h.__file__.startswith({str(folder)!r}), h.__file__"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **settings}, check=True, timeout=120)


def test_all_may_read_it_whatever_the_users_umask_is(folder: Path, model: Model, private: None) -> None:
    prepared(folder, model)
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in folder.rglob("*")}
    assert modes == {(True, 0o755), (False, 0o644)}


def test_its_dockerfile_is_the_one_at_the_top_of_the_repository(folder: Path, model: Model) -> None:
    prepared(folder, model)
    assert (folder / "Dockerfile").read_text() == (Path(__file__).parents[3] / "Dockerfile.lambda").read_text()


def test_the_build_runs_nothing_but_python() -> None:
    """AWS's bases have a shell and little beside it, and the last stage runs nothing at all."""
    text = (Path(__file__).parents[3] / "Dockerfile.lambda").read_text().replace("\\\n", "")
    build, final = text.split("\nFROM ${BASE}\n")
    commands = [part.strip() for line in re.findall(r"^RUN (.+)$", build, re.MULTILINE) for part in line.split("&&")]
    assert len(commands) == 4
    assert all(command.startswith("python3 ") for command in commands)
    assert not re.search(r"^RUN ", final, re.MULTILINE)


def test_no_bytecode_of_this_python_comes_along(folder: Path, model: Model) -> None:
    prepared(folder, model)
    assert not list(folder.rglob("__pycache__"))


def test_an_unknown_engine_is_a_usage_error(folder: Path, model: Model) -> None:
    with pytest.raises(UsageError, match="unknown engine 'tflite'"):
        prepared(folder, model, "tflite")


def test_a_model_without_the_engines_artefact_is_refused(folder: Path, tmp_path: Path, model: Model) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_bytes((model.folder / "manifest.json").read_bytes())
    with pytest.raises(EngineError, match=r"has no resnet50.onnx"):
        prepared(folder, Model.open(tmp_path / "model"))


def test_a_folder_that_is_no_model_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no model in"):
        prepare(folder, "onnx", tmp_path, architecture="x86_64", python_version="3.13")
