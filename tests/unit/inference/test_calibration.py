"""What depends on sample images and on this processor: made again when those change, and kept when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from preparing import VERSION, Workbench, workbench
from resnet_bench.errors import ImageError, UsageError
from resnet_bench.inference.engines import onnx_engine
from resnet_bench.inference.model import Model, Samples, write_manifest

INT8, INT8_OPTIMISED = "resnet50-int8.onnx", "resnet50-int8.optimised.onnx"
FLOAT = ["resnet50.onnx", "resnet50.optimised.onnx"]
CALIBRATED = [INT8, INT8_OPTIMISED]


@pytest.fixture
def bench(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    return workbench(model, tmp_path / "cache", monkeypatch)


def images(folder: Path, *contents: str) -> tuple[str, ...]:
    """Sample images, of which only the bytes count here."""
    for name in contents:
        (folder / f"{name}.jpg").write_text(name)
    return tuple(str(folder / f"{name}.jpg") for name in contents)


def test_what_int8_needs_is_made_in_order_and_compared_with_the_exact_graph(bench: Workbench, tmp_path: Path) -> None:
    samples = Samples(images(tmp_path, "a", "b"))
    assert bench.prepare("onnx-int8", samples=samples) == [*FLOAT, *CALIBRATED, "onnx-int8"]
    assert bench.prepare("onnx-int8", samples=samples) == []
    assert [one.subject for one in bench.model.agreements("onnx-int8", "exact")] == ["onnx-int8"]
    assert bench.model.agreements("onnx", "exact") == ()


def test_the_fast_decoding_is_compared_once_and_for_whatever_engine(bench: Workbench, tmp_path: Path) -> None:
    samples = Samples(images(tmp_path, "a", "b"))
    assert bench.prepare("torch", samples=samples, decode="fast") == [
        "resnet50.folded.safetensors",
        *FLOAT,
        "fast decode",
    ]
    assert bench.prepare("onnx", samples=samples, decode="fast") == []
    assert [one.subject for one in bench.model.agreements("torch", "fast")] == ["fast decode"]
    assert bench.model.agreements("torch", "exact") == ()


def test_exact_engines_need_no_samples(bench: Workbench) -> None:
    assert bench.prepare("torch", "onnx", "openvino") == ["resnet50.folded.safetensors", *FLOAT]


def test_samples_that_nobody_chose_leave_a_calibration_alone(bench: Workbench, tmp_path: Path) -> None:
    chosen = Samples(images(tmp_path, "a", "b"), chosen=True)
    bench.prepare("onnx-int8", samples=chosen, decode="fast")
    before = bench.model.manifest
    for samples in (Samples(images(tmp_path, "c", "d")), Samples()):
        assert bench.prepare("onnx-int8", samples=samples, decode="fast") == []
    assert bench.model.manifest == before


def test_a_chosen_set_calibrates_again_and_drops_what_was_measured_of_the_other(
    bench: Workbench, tmp_path: Path
) -> None:
    bench.prepare("onnx-int8", "openvino-int8", samples=Samples(images(tmp_path, "a", "b")))
    other = Samples(images(tmp_path, "c", "d"), chosen=True)
    assert bench.prepare("openvino-int8", samples=other) == [INT8, "openvino-int8"]
    manifest = bench.model.manifest
    assert {*manifest.agreements} == {"openvino-int8"}
    # Nobody may load the graph that was optimised from the other calibration.
    assert INT8_OPTIMISED not in manifest.artifacts
    assert INT8_OPTIMISED not in manifest.environments
    assert bench.prepare("onnx-int8", samples=other) == [INT8_OPTIMISED, "onnx-int8"]


def test_the_same_set_under_other_names_is_the_same_calibration(bench: Workbench, tmp_path: Path) -> None:
    first = images(tmp_path, "a", "b")
    bench.prepare("onnx-int8", samples=Samples(first, chosen=True))
    renamed = tuple(str(Path(path).rename(f"{path}.jpg")) for path in first)
    assert bench.prepare("onnx-int8", samples=Samples(renamed, chosen=True)) == []


def test_another_order_is_another_split_and_another_calibration(bench: Workbench, tmp_path: Path) -> None:
    first = images(tmp_path, "a", "b")
    bench.prepare("onnx-int8", samples=Samples(first, chosen=True))
    assert bench.prepare("onnx-int8", samples=Samples(first[::-1], chosen=True)) == [*CALIBRATED, "onnx-int8"]


def test_an_agreement_measured_by_other_means_is_measured_again(bench: Workbench, tmp_path: Path) -> None:
    samples = Samples(images(tmp_path, "a", "b"))
    bench.prepare("onnx-int8", samples=samples, decode="fast")
    means = bench.model.manifest.measured_with
    write_manifest(bench.folder, replace(bench.model.manifest, measured_with=means | {"onnx-int8": "pillow 1.0"}))
    assert bench.prepare("onnx-int8", samples=samples, decode="fast") == ["onnx-int8"]
    assert bench.model.manifest.measured_with == means
    assert bench.prepare("onnx-int8", samples=samples, decode="fast") == []


def test_an_agreement_is_never_measured_on_other_images_than_those_of_the_calibration(
    bench: Workbench, tmp_path: Path
) -> None:
    """It tells apart images of the calibration and images held out; for others it could not."""
    bench.prepare("onnx-int8", samples=Samples(images(tmp_path, "a", "b"), chosen=True))
    made = bench.prepare("openvino-int8", samples=Samples(images(tmp_path, "c", "d")))
    assert made == [INT8, "openvino-int8"]
    assert {*bench.model.manifest.agreements} == {"openvino-int8"}


def test_a_new_variant_on_the_same_samples_is_measured_without_another_calibration(
    bench: Workbench, tmp_path: Path
) -> None:
    samples = Samples(images(tmp_path, "a", "b"))
    bench.prepare("onnx-int8", samples=samples)
    assert bench.prepare("openvino-int8", samples=samples) == ["openvino-int8"]


@pytest.mark.parametrize("contents", [(), ("a",)])
def test_too_few_samples_are_a_usage_error(contents: tuple[str, ...], bench: Workbench, tmp_path: Path) -> None:
    samples = Samples(images(tmp_path, *contents))
    few = f"needs at least 2 sample images, and there are {len(contents)}"
    with pytest.raises(UsageError, match=f"the int8 model {few}") as caught:
        bench.prepare("onnx-int8", samples=samples)
    assert "--calibrate" in caught.value.hint
    with pytest.raises(UsageError, match=f"what fast decode changes {few}"):
        bench.prepare("onnx", samples=samples, decode="fast")


def test_a_sample_that_is_gone_is_an_image_error(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"no such image: .*gone\.jpg"):
        bench.prepare("onnx-int8", samples=Samples((*images(tmp_path, "a"), str(tmp_path / "gone.jpg"))))


def made_elsewhere(bench: Workbench, where: str) -> None:
    manifest = bench.model.manifest
    environments = dict.fromkeys(manifest.environments, where)
    write_manifest(bench.folder, replace(manifest, environments=environments))


@pytest.mark.parametrize("where", [onnx_engine.environment("1.0.0"), f"onnxruntime {VERSION}, sse2"])
def test_a_graph_that_was_optimised_elsewhere_is_made_again_and_nothing_else(
    where: str, bench: Workbench, tmp_path: Path
) -> None:
    samples = Samples(images(tmp_path, "a", "b"))
    bench.prepare("onnx", "onnx-int8", samples=samples)
    made_elsewhere(bench, where)
    assert bench.prepare("onnx", "onnx-int8", samples=samples) == ["resnet50.optimised.onnx", INT8_OPTIMISED]
    assert {*bench.model.manifest.environments.values()} == {onnx_engine.environment(VERSION)}
    assert bench.prepare("onnx", "onnx-int8", samples=samples) == []
