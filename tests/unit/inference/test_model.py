"""Models in the cache: made once, checked, and made again where they are damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from resnet_bench.errors import EngineError, SetupError, UsageError, WeightsError
from resnet_bench.inference import untrained
from resnet_bench.inference.engines import Exporter, Registered
from resnet_bench.inference.files import sha256_of
from resnet_bench.inference.model import ExportCheck, Manifest, Model, prepare
from resnet_bench.progress import Progress

CHECK = ExportCheck(inputs_count=1, max_logit_difference=0.0, same_top5=True, versions={})


class Recorder:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def step(self, text: str, fraction: float | None = None) -> None:
        self.texts.append(text)


class QuickExporter:
    """In place of the real one (ten seconds): the tests here are about files, not about their contents."""

    def export(self, weights: Path, target: Path, progress: Progress) -> ExportCheck:
        target.write_bytes(b"graph of " + weights.read_bytes()[:100])
        return CHECK


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def exporter(self: Registered) -> Exporter:
        return QuickExporter()

    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(Registered, "exporter", exporter)
    return tmp_path / "cache"


@pytest.fixture
def ready(cache: Path, model: Model) -> Model:
    """The session's weights in a cache of the test's own, with the quick exporter's graph."""
    folder = cache / "models" / model.folder.name
    folder.mkdir(parents=True)
    shutil.copy2(model.folder / "weights.safetensors", folder)
    manifest = msgspec.structs.replace(
        model.manifest,
        artifacts={"weights.safetensors": model.manifest.artifacts["weights.safetensors"]},
        checks={},
    )
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return prepare("random", ["onnx"])


def steps_of_preparing() -> list[str]:
    progress = Recorder()
    prepare("random", ["torch", "onnx"], progress)
    # Without the seconds that tick while the exporter works.
    return list(dict.fromkeys(text.partition(": ")[0] for text in progress.texts))


def test_a_model_from_nothing_is_whole_and_says_what_it_is(cache: Path) -> None:
    model = prepare("random", ["torch"])
    manifest = model.manifest
    assert (manifest.weights, manifest.trained, manifest.resize) == ("random", False, 256)
    assert manifest.weights_sha256 == untrained.SHA256
    assert untrained.SHA256[:16] in model.folder.name
    assert model.path("weights.safetensors").stat().st_size == manifest.artifacts["weights.safetensors"].size_bytes
    assert model.folder.stat().st_mode & 0o777 == 0o700
    assert Model.open(model.folder) == model
    assert Model.open(str(model.folder)) == model
    assert {each.name for each in model.folder.iterdir()} == {".lock", "manifest.json", "weights.safetensors"}


def test_what_is_whole_is_not_made_again(ready: Model) -> None:
    before = {file: file.stat().st_ino for file in ready.folder.iterdir()}
    assert steps_of_preparing() == []
    assert {file: file.stat().st_ino for file in ready.folder.iterdir()} == before


def test_an_engine_asked_for_later_is_added(ready: Model) -> None:
    assert set(ready.manifest.artifacts) == {"weights.safetensors", "resnet50.onnx"}
    assert ready.manifest.checks == {"resnet50.onnx": CHECK}


def flip_a_byte(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        last = stream.read(1)[0]
        stream.seek(-1, os.SEEK_END)
        stream.write(bytes([last ^ 1]))
    os.utime(file, ns=(1, 1))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "missing": Path.unlink,
    "emptied": lambda file: file.write_bytes(b"") and None,
    "one bit": flip_a_byte,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize(
    ("artifact", "step"),
    [
        ("weights.safetensors", "preparing the random weights"),
        ("resnet50.onnx", "exporting the model to resnet50.onnx (once)"),
    ],
)
def test_a_damaged_artefact_and_only_that_is_made_again(artifact: str, step: str, damage: str, ready: Model) -> None:
    whole = sha256_of(ready.path(artifact))
    DAMAGE[damage](ready.path(artifact))
    assert steps_of_preparing() == [step]
    assert sha256_of(ready.path(artifact)) == whole
    assert steps_of_preparing() == []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1', None])
def test_a_damaged_manifest_means_starting_again(content: bytes | None, ready: Model) -> None:
    manifest = ready.folder / "manifest.json"
    manifest.unlink() if content is None else manifest.write_bytes(content)
    assert len(steps_of_preparing()) == 2
    assert Model.open(ready.folder).manifest.weights == "random"


def test_a_copied_model_is_still_whole(ready: Model) -> None:
    for file in ready.folder.iterdir():
        os.utime(file, ns=(1, 1))
    assert steps_of_preparing() == []


def test_a_model_of_another_version_is_refused_on_lambda_and_made_again_on_the_host(ready: Model) -> None:
    newer = msgspec.structs.replace(ready.manifest, version=99)
    (ready.folder / "manifest.json").write_bytes(msgspec.json.encode(newer))
    with pytest.raises(WeightsError, match="version 99"):
        Model.open(ready.folder)
    assert len(steps_of_preparing()) == 2


def test_weights_from_a_file_become_a_model(ready: Model, tmp_path: Path) -> None:
    mine = tmp_path / "mine.safetensors"
    shutil.copy(ready.path("weights.safetensors"), mine)
    model = prepare(str(mine), ["torch"])
    assert (model.manifest.weights, model.manifest.trained) == ("mine.safetensors", True)
    assert model.manifest.weights_sha256 == sha256_of(mine)
    assert sha256_of(model.path("weights.safetensors")) == sha256_of(ready.path("weights.safetensors"))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no model in"):
        Model.open(tmp_path)


def test_an_artefact_that_was_not_prepared_is_an_engine_error(tmp_path: Path) -> None:
    empty = Manifest(version=1, weights="v1", weights_sha256="0", trained=True, resize=256, artifacts={}, checks={})
    with pytest.raises(EngineError, match=r"has no resnet50\.onnx"):
        Model(tmp_path, empty).path("resnet50.onnx")


def test_an_unknown_engine_is_refused_before_anything_is_made(cache: Path) -> None:
    with pytest.raises(UsageError):
        prepare("random", ["tensorflow"])
    assert not cache.exists()


def test_a_failed_export_leaves_a_model_that_the_next_try_completes(
    cache: Path, ready: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk:
        def export(self, weights: Path, target: Path, progress: Progress) -> ExportCheck:
            raise OSError(28, "No space left on device")

    ready.path("resnet50.onnx").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Registered, "exporter", lambda self: FullDisk())
        with pytest.raises(SetupError, match="No space left on device"):
            prepare("random", ["onnx"])
    assert not [each for each in ready.folder.iterdir() if each.name.startswith(".resnet50")]
    assert steps_of_preparing() == ["exporting the model to resnet50.onnx (once)"]


def test_opening_a_model_imports_nothing_heavy(model: Model) -> None:
    code = (
        "import sys; from resnet_bench.inference.model import Model; Model.open(sys.argv[1])\n"
        "print(sorted({'numpy', 'PIL', 'torch', 'onnxruntime', 'urllib.request', 'http'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(model.folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
