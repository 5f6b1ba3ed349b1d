"""Decoding and preprocessing against torchvision's own transforms: the same bits, in every mode."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from torchvision.models import ResNet50_Weights

from image_modes import MAKERS, rgb, saved
from resnet_bench.inference.images import decode, preprocess, resized_size

PRESETS = {
    256: ResNet50_Weights.IMAGENET1K_V1.transforms(),
    232: ResNet50_Weights.IMAGENET1K_V2.transforms(),
}


def reference(data: bytes, resize: int) -> NDArray[np.float32]:
    with Image.open(io.BytesIO(data)) as image:
        tensor: torch.Tensor = PRESETS[resize](image.convert("RGB"))
    return tensor[None].numpy()


def assert_same_bits(data: bytes, resize: int = 256) -> None:
    found = preprocess(decode(data).image, resize)
    assert found.dtype == np.float32
    assert found.shape == (1, 3, 224, 224)
    assert found.flags.c_contiguous
    assert found.tobytes() == reference(data, resize).tobytes()


SIZES = [(1, 1), (224, 224), (257, 255), (333, 501), (640, 427), (1, 60), (60, 1)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("mode", MAKERS)
@pytest.mark.filterwarnings("ignore:Palette images with Transparency")
def test_every_mode_gives_the_bits_of_the_reference(mode: str, size: tuple[int, int]) -> None:
    assert_same_bits(MAKERS[mode](*size))


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    mode=st.sampled_from(["png-RGB", "jpeg-RGB", "png-L"]),
    resize=st.sampled_from([256, 232]),
)
def test_every_size_gives_the_bits_of_the_reference(width: int, height: int, mode: str, resize: int) -> None:
    assert_same_bits(MAKERS[mode](width, height), resize)


@given(width=st.integers(1, 70_000), height=st.integers(1, 70_000), resize=st.sampled_from([256, 232]))
def test_the_resized_size_is_torchvisions(width: int, height: int, resize: int) -> None:
    from torchvision.transforms.functional import _compute_resized_output_size

    expected_height, expected_width = _compute_resized_output_size((height, width), [resize])
    assert resized_size((width, height), resize) == (expected_width, expected_height)


def test_sixteen_bit_grey_is_clipped_as_by_the_reference_and_not_scaled() -> None:
    data = saved(Image.fromarray(np.full((300, 300), 40_000, np.uint16)), "PNG")
    assert decode(data).image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_not_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(rgb(300, 200), "JPEG", exif=exif.tobytes())
    assert decode(data).size == (300, 200)
    assert_same_bits(data)


@pytest.mark.parametrize(("mode", "kind"), [("png-RGB", "PNG"), ("jpeg-CMYK", "JPEG"), ("jpeg-MPO", "JPEG")])
def test_decoding_tells_size_and_format(mode: str, kind: str) -> None:
    decoded = decode(MAKERS[mode](31, 17))
    assert (decoded.size, decoded.format, decoded.image.mode) == ((31, 17), kind, "RGB")
