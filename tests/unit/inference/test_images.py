"""Decoding and preprocessing against torchvision's own transforms: the same bits, in every mode."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from torchvision.models import ResNet50_Weights

from resnet_bench.inference.images import decode, preprocess, resized_size

PRESETS = {
    256: ResNet50_Weights.IMAGENET1K_V1.transforms(),
    232: ResNet50_Weights.IMAGENET1K_V2.transforms(),
}


def noise(width: int, height: int, bands: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Blocks rather than single pixels: every frequency is in it, as in a photograph."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 9 + 1, width // 9 + 1, bands), dtype=np.uint8)
    return coarse.repeat(9, 0).repeat(9, 1)[:height, :width] ^ random.integers(0, 16, (height, width, bands), np.uint8)


def rgb(width: int, height: int) -> Image.Image:
    return Image.fromarray(noise(width, height))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def with_alpha(width: int, height: int) -> Image.Image:
    return Image.fromarray(noise(width, height, 4))


def palette(width: int, height: int) -> Image.Image:
    return rgb(width, height).quantize(60)


def sixteen_bit(width: int, height: int) -> Image.Image:
    return Image.fromarray(noise(width, height, 1)[..., 0].astype(np.uint16) * 3)


Make = Callable[[int, int], bytes]
MAKERS: dict[str, Make] = {
    "png-1": lambda w, h: saved(rgb(w, h).convert("1"), "PNG"),
    "png-L": lambda w, h: saved(rgb(w, h).convert("L"), "PNG"),
    "png-L-transparent": lambda w, h: saved(rgb(w, h).convert("L"), "PNG", transparency=7),
    "png-LA": lambda w, h: saved(with_alpha(w, h).convert("LA"), "PNG"),
    "png-P": lambda w, h: saved(palette(w, h), "PNG"),
    "png-P-transparent-colour": lambda w, h: saved(palette(w, h), "PNG", transparency=3),
    "png-P-transparent-bytes": lambda w, h: saved(palette(w, h), "PNG", transparency=bytes(range(60))),
    "png-P-2-bits": lambda w, h: saved(rgb(w, h).quantize(4), "PNG", bits=2),
    "png-RGB": lambda w, h: saved(rgb(w, h), "PNG"),
    "png-RGB-transparent": lambda w, h: saved(rgb(w, h), "PNG", transparency=(1, 2, 3)),
    "png-RGBA": lambda w, h: saved(with_alpha(w, h), "PNG"),
    "png-I;16": lambda w, h: saved(sixteen_bit(w, h), "PNG"),
    "png-animated": lambda w, h: saved(
        rgb(w, h), "PNG", save_all=True, append_images=[Image.new("RGB", (w, h), "red")]
    ),
    "jpeg-L": lambda w, h: saved(rgb(w, h).convert("L"), "JPEG"),
    "jpeg-RGB": lambda w, h: saved(rgb(w, h), "JPEG", quality=90),
    "jpeg-RGB-progressive": lambda w, h: saved(rgb(w, h), "JPEG", progressive=True, subsampling=0),
    "jpeg-YCbCr": lambda w, h: saved(rgb(w, h).convert("YCbCr"), "JPEG"),
    "jpeg-CMYK": lambda w, h: saved(rgb(w, h).convert("CMYK"), "JPEG"),
    "jpeg-MPO": lambda w, h: saved(rgb(w, h), "MPO", save_all=True, append_images=[Image.new("RGB", (w, h), "red")]),
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
