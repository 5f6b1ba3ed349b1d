"""The registry of engines, and engines that meet broken artefacts or missing libraries."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from resnet_bench.errors import EngineError, UsageError
from resnet_bench.inference import engines
from resnet_bench.inference.engines import Registered, onnx_export
from resnet_bench.inference.model import Model
from resnet_bench.progress import SILENT

ARTIFACTS = {"torch": "weights.safetensors", "onnx": "resnet50.onnx"}


def test_the_engines_and_their_artefacts() -> None:
    assert {name: engines.registered(name).artifact for name in engines.NAMES} == ARTIFACTS


def test_an_unknown_engine_is_a_usage_error_that_lists_the_engines() -> None:
    with pytest.raises(UsageError, match="unknown engine 'tensorflow'") as caught:
        engines.registered("tensorflow")
    assert "torch, onnx" in caught.value.hint


def test_a_library_that_is_not_installed_comes_with_the_command_that_installs_it() -> None:
    engine = Registered("fast", "fast_engine", ("no_such_library.sub",))
    with pytest.raises(EngineError, match="fast engine needs no_such_library") as caught:
        engine.import_libraries()
    assert caught.value.hint == "pip install no_such_library"


def test_a_library_that_does_not_load_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_library.py").write_text("raise ImportError('libgomp.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match="broken_library does not load: libgomp"):
        Registered("fast", "fast_engine", ("broken_library",)).import_libraries()


@pytest.mark.parametrize("engine", engines.NAMES)
@pytest.mark.parametrize("content", [b"", b"nonsense", None], ids=["empty", "nonsense", "missing"])
def test_a_broken_artefact_is_an_engine_error(engine: str, content: bytes | None, model: Model, tmp_path: Path) -> None:
    shutil.copy(model.folder / "manifest.json", tmp_path)
    if content is not None:
        (tmp_path / ARTIFACTS[engine]).write_bytes(content)
    with pytest.raises(EngineError) as caught:
        engines.load(engine, Model.open(tmp_path), threads=1)
    assert "\n" not in caught.value.message
    assert "prepare the model" in caught.value.hint


def test_an_export_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"nonsense")
    with pytest.raises(EngineError, match="the export to ONNX failed: torch cannot load") as caught:
        onnx_export.export(tmp_path / "weights.safetensors", tmp_path / "resnet50.onnx", SILENT)
    assert "\n" not in caught.value.message
    assert caught.value.hint == "use --engine torch"


def test_an_export_that_is_killed_for_memory_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = tmp_path / "python"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(killed))
    with pytest.raises(EngineError, match="for want of memory"):
        onnx_export.export(tmp_path / "w", tmp_path / "o", SILENT)
