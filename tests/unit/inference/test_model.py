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
from msgspec.structs import replace

from preparing import CHECK, Workbench, workbench
from resnet_bench.errors import EngineError, SetupError, UsageError, WeightsError
from resnet_bench.inference import untrained
from resnet_bench.inference.files import sha256_of
from resnet_bench.inference.model import Manifest, Model, prepare, write_manifest

PLAIN, OPTIMISED = "resnet50.onnx", "resnet50.optimised.onnx"
ONNX_FILES = {PLAIN, f"{PLAIN}.data", OPTIMISED, f"{OPTIMISED}.data"}
MANIFEST, LOCK, WEIGHTS = "manifest.json", ".lock", "weights.safetensors"


@pytest.fixture
def bench(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    return workbench(model, tmp_path / "cache", monkeypatch)


@pytest.fixture
def ready(bench: Workbench) -> Workbench:
    bench.prepare("onnx")
    return bench


def test_a_model_from_nothing_is_whole_and_says_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "cache"))
    model = prepare("random", [])
    manifest = model.manifest
    assert (manifest.weights, manifest.trained, manifest.resize) == ("random", False, 256)
    assert manifest.weights_sha256 == untrained.SHA256
    assert untrained.SHA256[:16] in model.folder.name
    assert model.path(WEIGHTS).stat().st_size == manifest.artifacts[WEIGHTS].size_bytes
    assert model.folder.stat().st_mode & 0o777 == 0o700
    assert Model.open(model.folder) == model
    assert Model.open(str(model.folder)) == model
    assert {each.name for each in model.folder.iterdir()} == {LOCK, MANIFEST, WEIGHTS}


def test_what_is_whole_is_not_made_again(ready: Workbench) -> None:
    before = {file: file.stat().st_ino for file in ready.folder.iterdir()}
    assert ready.prepare("onnx") == []
    assert {file: file.stat().st_ino for file in ready.folder.iterdir()} == before


def test_an_engine_asked_for_later_is_added(ready: Workbench) -> None:
    assert ready.files() == {LOCK, MANIFEST, WEIGHTS, *ONNX_FILES}
    assert {*ready.model.manifest.artifacts} == {WEIGHTS, *ONNX_FILES}
    assert ready.model.manifest.checks == {PLAIN: CHECK}
    assert ready.prepare("torch", "onnx") == ["resnet50.folded.safetensors"]


def test_two_engines_that_load_one_graph_have_it_made_once(bench: Workbench) -> None:
    assert bench.prepare("openvino") == [PLAIN]
    assert bench.prepare("openvino", "onnx") == [OPTIMISED]


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
    ("artifact", "made"),
    [(PLAIN, PLAIN), (f"{PLAIN}.data", PLAIN), (OPTIMISED, OPTIMISED), (f"{OPTIMISED}.data", OPTIMISED)],
)
def test_a_damaged_artefact_and_what_is_made_with_it_is_made_again(
    artifact: str, made: str, damage: str, ready: Workbench
) -> None:
    whole = sha256_of(ready.model.path(artifact))
    DAMAGE[damage](ready.model.path(artifact))
    assert ready.prepare("onnx") == [made]
    assert sha256_of(ready.model.path(artifact)) == whole
    assert ready.prepare("onnx") == []


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_weights_alone_are_made_again(damage: str, ready: Workbench) -> None:
    whole = sha256_of(ready.model.path(WEIGHTS))
    DAMAGE[damage](ready.model.path(WEIGHTS))
    assert ready.prepare("onnx") == []
    assert sha256_of(ready.model.path(WEIGHTS)) == whole


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1', None])
def test_a_damaged_manifest_means_starting_again(content: bytes | None, ready: Workbench) -> None:
    manifest = ready.folder / MANIFEST
    manifest.unlink() if content is None else manifest.write_bytes(content)
    assert ready.prepare("onnx") == [PLAIN, OPTIMISED]
    assert ready.model.manifest.weights == "random"


def test_a_copied_model_is_still_whole(ready: Workbench) -> None:
    for file in ready.folder.iterdir():
        os.utime(file, ns=(1, 1))
    assert ready.prepare("onnx") == []


@pytest.mark.parametrize("version", [1, 99])
def test_a_model_of_another_version_is_refused_on_lambda_and_made_again_on_the_host(
    version: int, ready: Workbench
) -> None:
    write_manifest(ready.folder, replace(ready.model.manifest, version=version))
    with pytest.raises(WeightsError, match=f"version {version}; this program reads 2"):
        Model.open(ready.folder)
    assert ready.prepare("onnx") == [PLAIN, OPTIMISED]
    assert ready.model.manifest.version == 2


def test_the_manifest_of_a_model_of_version_1_is_replaced_whatever_else_it_lacks(ready: Workbench) -> None:
    """As the first version wrote it: one ONNX file with its weights inside, and no word of environments."""
    known = msgspec.to_builtins(ready.model.manifest)
    old = {name: known[name] for name in ("weights", "weights_sha256", "trained", "resize", "checks")}
    old |= {"version": 1, "artifacts": {name: known["artifacts"][name] for name in (WEIGHTS, PLAIN)}}
    (ready.folder / MANIFEST).write_bytes(msgspec.json.encode(old))
    assert ready.prepare("onnx") == [PLAIN, OPTIMISED]
    assert {*ready.model.manifest.artifacts} == {WEIGHTS, *ONNX_FILES}


def test_weights_from_a_file_become_a_model(ready: Workbench, tmp_path: Path) -> None:
    mine = tmp_path / "mine.safetensors"
    shutil.copy(ready.model.path(WEIGHTS), mine)
    model = prepare(str(mine), [])
    assert (model.manifest.weights, model.manifest.trained) == ("mine.safetensors", True)
    assert model.manifest.weights_sha256 == sha256_of(mine)
    assert sha256_of(model.path(WEIGHTS)) == sha256_of(ready.model.path(WEIGHTS))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no model in"):
        Model.open(tmp_path)


def test_an_artefact_that_was_not_prepared_is_an_engine_error(tmp_path: Path) -> None:
    empty = Manifest(version=2, weights="v1", weights_sha256="0", trained=True, resize=256, artifacts={}, checks={})
    with pytest.raises(EngineError, match=r"has no resnet50\.onnx"):
        Model(tmp_path, empty).path(PLAIN)


def test_an_unknown_engine_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UsageError):
        prepare("random", ["tensorflow"])
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (OSError(28, "No space left on device"), SetupError),
        (EngineError("it was killed"), EngineError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
    ids=["disk full", "failed", "Ctrl-C"],
)
def test_an_export_is_all_or_nothing_and_the_next_try_completes_it(
    failure: BaseException, raised: type[BaseException], bench: Workbench
) -> None:
    bench.exports.fails[OPTIMISED] = failure
    with pytest.raises(raised):
        bench.prepare("onnx")
    assert bench.files() == {LOCK, MANIFEST, WEIGHTS, PLAIN, f"{PLAIN}.data"}
    assert bench.model.manifest.environments == {}
    bench.exports.fails.clear()
    assert bench.prepare("onnx") == [OPTIMISED]


def test_a_disk_that_is_full_is_explained(bench: Workbench) -> None:
    bench.exports.fails[PLAIN] = OSError(28, "No space left on device")
    with pytest.raises(SetupError, match=r"cannot write to the cache .*: No space left on device") as caught:
        bench.prepare("onnx")
    assert "RESNET_BENCH_CACHE" in caught.value.hint


def test_what_a_killed_command_left_half_made_is_removed(ready: Workbench) -> None:
    (ready.folder / ".onnx.abc").mkdir()
    (ready.folder / ".onnx.abc" / "resnet50.onnx.data").write_bytes(b"half")
    (ready.folder / ".weights.safetensors.abc").write_bytes(b"half")
    assert ready.prepare("onnx") == []
    assert ready.files() == {LOCK, MANIFEST, WEIGHTS, *ONNX_FILES}


def test_opening_a_model_imports_nothing_heavy(model: Model) -> None:
    code = (
        "import sys; from resnet_bench.inference.model import Model; Model.open(sys.argv[1])\n"
        "print(sorted({'numpy', 'PIL', 'torch', 'onnxruntime', 'urllib.request', 'http'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(model.folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
