"""What the exports really make: the same bytes each time, graphs for this processor alone, agreements as measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from msgspec.structs import replace
from safetensors.numpy import load_file

from handlers import PHOTO
from resnet_bench.errors import EngineError
from resnet_bench.inference import engines
from resnet_bench.inference.engines import onnx_engine
from resnet_bench.inference.exports import onnx_export, process
from resnet_bench.inference.exports.agreement import compare
from resnet_bench.inference.exports.child import Task
from resnet_bench.inference.exports.folding import folded
from resnet_bench.inference.files import sha256_of
from resnet_bench.inference.images import decode, preprocess
from resnet_bench.inference.model import Model, write_manifest
from resnet_bench.progress import SILENT

BATCH = preprocess(decode(PHOTO.read_bytes()).image)


def test_int8_is_the_same_bytes_for_the_same_samples(
    int8_model: Model, samples: tuple[str, ...], tmp_path: Path
) -> None:
    task = Task(maker="int8_export.make", model=str(int8_model.folder), target=str(tmp_path), samples=samples)
    process.run(task, "the export", SILENT)
    assert [path.name for path in tmp_path.iterdir()] == ["resnet50-int8.onnx"]
    assert sha256_of(tmp_path / "resnet50-int8.onnx") == int8_model.manifest.artifacts["resnet50-int8.onnx"].sha256


def test_the_plain_graph_is_the_same_bytes_for_the_same_weights(model: Model, tmp_path: Path) -> None:
    graph = onnx_export._graph(folded(load_file(model.path("weights.safetensors"))))
    file = tmp_path / "resnet50.onnx"
    onnx.save_model(graph, str(file), save_as_external_data=True, location="resnet50.onnx.data")
    for name in ("resnet50.onnx", "resnet50.onnx.data"):
        assert sha256_of(tmp_path / name) == model.manifest.artifacts[name].sha256


def test_the_plain_graph_is_valid_onnx_with_one_node_an_operation(model: Model) -> None:
    path = model.path("resnet50.onnx")
    onnx.checker.check_model(str(path), full_check=True)
    graph = onnx.load(str(path), load_external_data=False).graph
    kinds = [node.op_type for node in graph.node]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "Conv": 53,
        "Relu": 49,
        "Add": 16,
        "MaxPool": 1,
        "GlobalAveragePool": 1,
        "Flatten": 1,
        "Gemm": 1,
    }


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("where", ["here", "on a processor with narrower vectors", "with another ONNX Runtime"])
def test_an_optimised_graph_is_used_where_it_was_made_and_elsewhere_the_plain_one_answers_alike(
    where: str, precision: str, int8_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = engines.variant_name("onnx", precision)
    expected = engines.load(variant, int8_model, threads=1).run(BATCH)
    right = onnx_engine.OPTIMISED if where == "here" else onnx_engine.PLAIN
    with_one_graph(right[precision], int8_model, tmp_path)
    if "narrower" in where:
        monkeypatch.setattr(onnx_engine, "cpu_flags", lambda: frozenset({"avx"}))
    elif "another" in where:
        made = dict.fromkeys(int8_model.manifest.environments, onnx_engine.environment("1.0.0"))
        write_manifest(tmp_path, replace(int8_model.manifest, environments=made))
    found = engines.load(variant, Model.open(tmp_path), threads=1).run(BATCH)
    assert np.abs(found - expected).max() < 1e-5


def with_one_graph(whole: str, model: Model, folder: Path) -> None:
    """The model in another folder, with all its graphs but one replaced by nonsense."""
    write_manifest(folder, model.manifest)
    for graph in (*onnx_engine.PLAIN.values(), *onnx_engine.OPTIMISED.values()):
        (folder / graph).write_bytes(b"nonsense")
    for name in (whole, f"{whole}.data"):
        if (model.folder / name).is_file():
            shutil.copy(model.folder / name, folder)


def test_a_graph_that_must_not_be_loaded_would_be_noticed(int8_model: Model, tmp_path: Path) -> None:
    with_one_graph(onnx_engine.PLAIN["fp32"], int8_model, tmp_path)
    with pytest.raises(EngineError, match=r"cannot load .*optimised"):
        engines.load("onnx", Model.open(tmp_path), threads=1)


def test_int8_is_judged_on_its_calibration_and_on_what_was_held_out(int8_model: Model) -> None:
    (found,) = int8_model.agreements("onnx-int8", "exact")
    assert found.calibration is not None
    assert (found.calibration.images_count, found.held_out.images_count) == (3, 1)
    assert (found.subject, found.trained) == ("onnx-int8", False)
    assert found.images_sha256 == int8_model.manifest.samples_sha256
    for compared in (found.calibration, found.held_out):
        assert 0 < compared.max_probability_difference < 0.5
        assert 0 <= compared.same_top5_count <= compared.images_count


def test_the_fast_decoding_is_judged_on_all_samples_because_nothing_was_calibrated(int8_model: Model) -> None:
    (found,) = int8_model.agreements("onnx", "fast")
    assert (found.subject, found.calibration, found.held_out.images_count) == ("fast decode", None, 4)
    assert 0 < found.held_out.max_probability_difference < 0.05


def test_an_agreement_counts_images_and_keeps_the_largest_difference() -> None:
    exact = {"a": [0.5, 0.3, 0.2, 0, 0, 0], "b": [0.4, 0.2, 0.2, 0.1, 0.1, 0], "c": [0.5, 0.5, 0, 0, 0, 0]}
    other = {"a": [0.5, 0.2, 0.3, 0, 0, 0], "b": [0.2, 0.4, 0.2, 0.1, 0, 0.1], "c": [0.5, 0.5, 0, 0, 0, 0]}
    found = compare([*exact], lambda name: np.array(exact[name]), lambda name: np.array(other[name]))
    assert (found.images_count, found.same_top1_count, found.same_top5_count) == (3, 2, 2)
    assert found.max_probability_difference == pytest.approx(0.2)
