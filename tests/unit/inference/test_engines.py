"""The registry of engines, and engines that meet broken files, missing libraries or a processor without bf16."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import pytest

from resnet_bench.errors import EngineError, UsageError
from resnet_bench.inference import engines
from resnet_bench.inference.engines import Registered, onnx_engine, openvino_engine
from resnet_bench.inference.model import Model
from resnet_bench.processor import cpu_flags
from variants import GRAPHS, runnable


def test_a_variant_has_one_name_made_of_engine_and_precision() -> None:
    assert engines.NAMES == ("torch", "onnx", "onnx-int8", "openvino", "openvino-int8", "openvino-bf16")
    assert engines.ENGINES == ("torch", "onnx", "openvino")
    assert engines.PRECISIONS == ("fp32", "int8", "bf16")
    for variant in engines.variants():
        assert engines.registered(variant.name) is variant
        assert variant.name == engines.variant_name(variant.engine, variant.precision)
        assert variant.is_exact == (variant.name == variant.engine)


def test_an_unknown_engine_is_a_usage_error_that_lists_the_engines() -> None:
    with pytest.raises(UsageError, match="unknown engine 'tensorflow'") as caught:
        engines.registered("tensorflow")
    assert "torch, onnx, onnx-int8" in caught.value.hint


def fast(library: str, extra: str = "") -> Registered:
    return Registered("fast", "fp32", "fast_engine", (library,), (), extra=extra)


@pytest.mark.parametrize(
    ("extra", "hint"), [("", "pip install no_such_library"), ("quick", "pip install 'resnet-bench[quick]'")]
)
def test_a_library_that_is_not_installed_comes_with_the_command_that_installs_it(extra: str, hint: str) -> None:
    variant = fast("no_such_library.sub", extra)
    with pytest.raises(EngineError, match="fast engine needs no_such_library, which is not installed") as caught:
        variant.import_libraries()
    assert caught.value.hint == hint
    obstacle = variant.obstacle()
    assert obstacle is not None
    assert (obstacle.message, obstacle.hint) == (caught.value.message, hint)


def test_openvino_comes_with_an_extra_of_this_package() -> None:
    assert {variant.extra for variant in engines.variants() if variant.engine == "openvino"} == {"openvino"}


def test_a_library_that_does_not_load_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_library.py").write_text("raise ImportError('libgomp.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match="broken_library does not load: libgomp"):
        fast("broken_library").import_libraries()


def processor_with(flags: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = folder / "cpuinfo"
    info.write_text(f"processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: {flags}\n")
    monkeypatch.setattr(engines, "cpu_flags", lambda: cpu_flags(info))


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_bf16_runs_where_the_processor_has_it(flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processor_with(f"fpu avx2 {flag} sse", tmp_path, monkeypatch)
    assert engines.registered("openvino-bf16").obstacle() is None


def test_bf16_is_never_emulated(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*given: object) -> None:
        pytest.fail("the engine was loaded")

    processor_with("fpu avx2 avx512f avx512_bf16_almost", tmp_path, monkeypatch)
    monkeypatch.setattr(openvino_engine, "load", forbidden)
    with pytest.raises(EngineError, match="openvino-bf16 needs a processor with avx512_bf16 or amx_bf16") as caught:
        engines.load("openvino-bf16", model, threads=1)
    assert caught.value.hint == "use --engine openvino without --precision bf16"
    assert engines.registered("openvino").obstacle() is None


@pytest.mark.parametrize("engine", engines.NAMES)
@pytest.mark.parametrize("content", [b"", b"nonsense", None], ids=["empty", "nonsense", "missing"])
def test_a_broken_file_is_an_engine_error(
    engine: str, content: bytes | None, int8_model: Model, tmp_path: Path
) -> None:
    variant = runnable(engine)
    shutil.copy(int8_model.folder / "manifest.json", tmp_path)
    if content is not None:
        for file in GRAPHS[variant.name]:
            (tmp_path / file).write_bytes(content)
    with pytest.raises(EngineError) as caught:
        engines.load(engine, Model.open(tmp_path), threads=1)
    assert "\n" not in caught.value.message
    assert "prepare the model" in caught.value.hint


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("avx avx2 avx512f", "avx512f"),
        ("avx avx2 avx512f avx512_vnni", "avx512f with VNNI"),
        ("avx2 avx avx_vnni", "avx2 with VNNI"),
        ("avx avx2", "avx2"),
        ("avx", "avx"),
        ("asimd fp", platform.machine()),
    ],
)
def test_an_optimised_graph_is_bound_to_the_version_and_what_decides_kernels(
    flags: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_engine, "cpu_flags", lambda: frozenset(flags.split()))
    assert onnx_engine.environment("1.2.3") == f"onnxruntime 1.2.3, {expected}"
