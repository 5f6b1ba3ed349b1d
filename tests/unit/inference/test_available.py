"""What is prepared is found by looking at the cache, whatever else lies there."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from msgspec.structs import replace

from resnet_bench.inference import available
from resnet_bench.inference.available import prepared_model
from resnet_bench.inference.engines import registered
from resnet_bench.inference.model import MANIFEST, VERSION, Manifest, Model, write_manifest

NOTHING = Manifest(
    version=VERSION, weights="random", weights_sha256="0" * 64, trained=False, resize=256, artifacts={}, checks={}
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESNET_BENCH_CACHE", str(tmp_path))
    return tmp_path / "models"


def prepared(models: Path, weights: str, **changes: int) -> Path:
    folder = models / f"{weights}-0000"
    folder.mkdir(parents=True)
    write_manifest(folder, replace(NOTHING, weights=weights, **changes))
    return folder


def found(spec: str) -> str | None:
    model = prepared_model(spec)
    return None if model is None else model.manifest.weights


def test_auto_is_v1_or_else_random(models: Path) -> None:
    assert found("auto") is None
    prepared(models, "random")
    assert found("auto") == "random"
    prepared(models, "v1")
    assert (found("auto"), found("random"), found("v2")) == ("v1", "random", None)


def test_a_file_of_weights_is_known_by_its_name(models: Path) -> None:
    prepared(models, "mine.pth")
    assert found("somewhere/mine.pth") == "mine.pth"


def test_what_another_version_has_left_is_not_prepared(models: Path) -> None:
    prepared(models, "random", version=VERSION - 1)
    (models / "notes").mkdir()
    (models / "notes" / MANIFEST).write_text("{")
    assert found("random") is None


def test_a_variant_is_prepared_when_all_its_files_are_there(model: Model, tmp_path: Path) -> None:
    state = {one.variant.name: one.prepared for one in available.available(model)}
    assert (state["torch"], state["onnx"]) == (True, True)
    elsewhere = Model(tmp_path, model.manifest)
    assert not any(one.prepared for one in available.available(elsewhere)), "a manifest alone is not enough"
    assert not any(one.prepared for one in available.available(None))


def test_a_library_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = dataclasses.replace(registered("onnx"), libraries=("nowhere",))
    monkeypatch.setattr(available, "variants", lambda: (missing,))
    (one,) = available.available(None)
    assert (one.version, one.obstacle and one.obstacle.hint) == (None, "pip install nowhere")
