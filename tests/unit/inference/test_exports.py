"""Which files an engine's variant needs, in which order they are made, and the arithmetic of folding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from resnet_bench.inference import engines
from resnet_bench.inference.architecture import parameters
from resnet_bench.inference.exports import EXPORTS, files_of, folding, is_calibrated, needed
from variants import GRAPHS

VARIANTS = st.lists(st.sampled_from(engines.variants()), max_size=8)


@pytest.mark.parametrize("name", engines.NAMES)
def test_a_variants_files_are_those_that_it_loads_and_their_weights(name: str) -> None:
    files = files_of(engines.registered(name), host_bound=True)
    assert {file for file in files if not file.endswith(".data")} == {*GRAPHS[name]}
    assert {file.removesuffix(".data") for file in files} == {*GRAPHS[name]}


@pytest.mark.parametrize("name", engines.NAMES)
def test_another_kind_of_processor_gets_no_optimised_file(name: str) -> None:
    everywhere = files_of(engines.registered(name), host_bound=False)
    assert everywhere
    assert not any("optimised" in file for file in everywhere)


@given(VARIANTS)
def test_every_export_comes_once_and_after_those_that_it_is_made_of(variants: list[engines.Registered]) -> None:
    order = [*needed(variants)]
    assert len({*order}) == len(order)
    assert {export for variant in variants for export in variant.exports} <= {*order}
    for position, name in enumerate(order):
        assert {*EXPORTS[name].after} <= {*order[:position]}


def test_no_two_exports_write_one_file() -> None:
    files = [file for export in EXPORTS.values() for file in export.files]
    assert len({*files}) == len(files)


def test_int8_alone_depends_on_sample_images() -> None:
    calibrated = {variant.name for variant in engines.variants() if is_calibrated(variant)}
    assert calibrated == {"onnx-int8", "openvino-int8"}


def test_the_folded_network_has_a_weight_and_a_bias_for_each_layer() -> None:
    weights = {name: np.ones(shape, np.float32) for name, shape in parameters().items()}
    layers = [name.removesuffix(".weight") for name, shape in parameters().items() if len(shape) > 1]
    assert len(layers) == 54
    folded = folding.folded(weights)
    assert {*folded} == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}
    assert all(values.dtype == np.float32 for values in folded.values())
    assert folded["fc.weight"] is weights["fc.weight"]


@given(seed=st.integers(0, 2**32 - 1), smallest_variance=st.sampled_from([0.0, 1e-8, 0.01]))
def test_a_folded_convolution_is_the_convolution_and_its_batch_normalisation(
    seed: int, smallest_variance: float
) -> None:
    random = np.random.default_rng(seed)
    weights = {
        "layer1.0.downsample.0.weight": random.standard_normal((5, 3, 2, 2)),
        "layer1.0.downsample.1.weight": random.standard_normal(5),
        "layer1.0.downsample.1.bias": random.standard_normal(5),
        "layer1.0.downsample.1.running_mean": random.standard_normal(5),
        "layer1.0.downsample.1.running_var": random.random(5) + smallest_variance,
    }
    single = {name: values.astype(np.float32) for name, values in weights.items()}
    weight, bias = folding._fold(single["layer1.0.downsample.0.weight"], "layer1.0.downsample.1", single)
    image = torch.from_numpy(random.standard_normal((1, 3, 6, 6)).astype(np.float32))
    norm = nn.BatchNorm2d(5).eval()
    norm.load_state_dict(
        {name.rpartition(".")[2]: torch.from_numpy(values) for name, values in single.items() if ".1." in name},
        strict=False,
    )
    with torch.inference_mode():
        expected = norm(nn.functional.conv2d(image, torch.from_numpy(single["layer1.0.downsample.0.weight"])))
        found = nn.functional.conv2d(image, torch.from_numpy(weight), torch.from_numpy(bias))
    # A float32 has 24 bits, and what is added up here may be much larger than what comes out.
    scale = max(1.0, float(expected.abs().max()), float(np.abs(bias).max()))
    assert float((expected - found).abs().max()) < 1e-5 * scale


@pytest.mark.parametrize(
    ("convolution", "norm"),
    [
        ("conv1", "bn1"),
        ("layer3.5.conv2", "layer3.5.bn2"),
        ("layer4.0.downsample.0", "layer4.0.downsample.1"),
    ],
)
def test_each_convolution_is_folded_with_the_normalisation_after_it(convolution: str, norm: str) -> None:
    assert folding._norm_after(convolution) == norm
    assert f"{norm}.running_var" in parameters()
