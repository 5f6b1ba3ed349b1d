"""The fast way to the network's input: everything that holds of the exact one but its bits, to which it stays close."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from handlers import IMAGES
from image_modes import MAKERS, noise, saved
from resnet_bench.inference.model import Model
from resnet_bench.inference.pipelines import Pipeline, pipeline

EXACT, FAST = (pipeline(way, 256) for way in ("exact", "fast"))
# Of the 256 levels of a pixel: rows and then columns are weighed and rounded, so that two ways differ by one in each.
ROUNDING = 2
_STD = np.array((0.229, 0.224, 0.225))[:, None, None]


def levels(data: bytes, steps: Pipeline) -> NDArray[np.float64]:
    """The network's input, back in levels from 0 to 255 but for a constant."""
    batch = steps.preprocess(steps.decode(data))
    assert (batch.dtype, batch.shape) == (np.float32, (1, 3, 224, 224))
    assert batch.flags.c_contiguous
    found: NDArray[np.float64] = batch[0] * _STD * 255
    return found


def difference(data: bytes, resize: int = 256) -> NDArray[np.float64]:
    exact, fast = (levels(data, pipeline(way, resize)) for way in ("exact", "fast"))
    # float32 has been there and back; the levels are whole numbers.
    return np.abs(exact - fast).round(3)


@pytest.mark.parametrize("size", [(1, 1), (333, 501), (1100, 900), (60, 1)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("mode", MAKERS)
def test_every_mode_is_decoded_by_the_rules_of_the_exact_way(mode: str, size: tuple[int, int]) -> None:
    data = MAKERS[mode](*size)
    exact, fast = EXACT.decode(data), FAST.decode(data)
    assert (fast.size, fast.format, fast.image.mode) == (size, exact.format, "RGB")
    reduced = mode.startswith("jpeg") and min(size) >= 512
    assert (fast.image.size == exact.image.size) == (not reduced)
    assert difference(data).mean() < (4 if reduced else 0.5)


@settings(max_examples=60)
@given(
    width=st.integers(1, 511),
    height=st.integers(1, 511),
    mode=st.sampled_from(["png-RGB", "jpeg-RGB", "jpeg-L"]),
    resize=st.sampled_from([256, 232]),
)
def test_what_need_not_be_reduced_differs_by_roundings_alone(width: int, height: int, mode: str, resize: int) -> None:
    assume(min(width, height) < 2 * resize)
    assume(max(width, height) < 400 * min(width, height))  # longer and thinner ones are refused
    assert difference(MAKERS[mode](width, height), resize).max() <= ROUNDING


@settings(max_examples=30)
@given(width=st.integers(224, 2600), height=st.integers(224, 2600), resize=st.sampled_from([256, 232]))
def test_a_jpeg_is_never_reduced_below_what_it_is_resized_to(width: int, height: int, resize: int) -> None:
    fast = pipeline("fast", resize).decode(saved(Image.linear_gradient("L").resize((width, height)), "JPEG"))
    assert fast.size == (width, height)
    assert min(fast.image.size) >= min(resize, width, height)


def waves(width: int, height: int) -> Image.Image:
    """Smooth slopes both ways, eight levels a pixel once the short side has 256."""
    scale = 2 * np.pi / 32 * 256 / min(width, height)
    across, down = (60 * np.sin(scale * np.arange(length)) for length in (width, height))
    return Image.fromarray((127.5 + down[:, None] + across[None]).astype(np.uint8))


@settings(max_examples=30)
@given(width=st.integers(512, 2600), height=st.integers(512, 2600))
def test_a_reduced_image_lies_where_the_exact_one_does(width: int, height: int) -> None:
    """Half a pixel beside it would be four levels."""
    assert difference(saved(waves(width, height), "JPEG", quality=95)).mean() < 2


PHOTOGRAPHS = sorted(path.name for path in IMAGES.iterdir() if path.suffix in {".jpg", ".png"})


@pytest.mark.parametrize("photograph", PHOTOGRAPHS)
def test_a_photograph_comes_out_close_to_exact(photograph: str) -> None:
    """Of 256 levels; measured over the eight: 1.3 at most."""
    assert difference((IMAGES / photograph).read_bytes()).mean() < 2


def test_pure_noise_is_still_within_the_range_of_pixels() -> None:
    data = saved(Image.fromarray(noise(2100, 3000)), "JPEG")
    batch = FAST.preprocess(FAST.decode(data))[0]
    lowest, highest = ((level - np.array((0.485, 0.456, 0.406))) / _STD[:, 0, 0] for level in (0, 1))
    assert (batch.min((1, 2)) >= lowest - 1e-5).all()
    assert (batch.max((1, 2)) <= highest + 1e-5).all()


def test_exif_orientation_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.linear_gradient("L").resize((1300, 700)).convert("RGB"), "JPEG", exif=exif.tobytes())
    assert FAST.decode(data).size == (1300, 700)
    assert difference(data).mean() < 1


MEMORY = """
import io, os
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.model import Model
classifier = load_classifier("onnx", Model.open({folder!r}), 1, decode={decode!r})
from PIL import Image
assert Image.core.get_blocks_max() == 4, Image.core.get_blocks_max()
kept = []
for side in (3000, 1000, 3500, 2000, 3600) * 2:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(buffer, "JPEG")
    classifier.decode(buffer.getvalue())
    kept.append(Image.core.get_stats()["blocks_cached"])
assert max(kept) == 4, kept
assert Image.core.get_stats()["reused_blocks"] > 0
"""


@pytest.mark.parametrize("decode", ["exact", "fast"])
def test_pillow_keeps_some_blocks_of_memory_and_no_more_of_them(decode: str, model: Model) -> None:
    code = MEMORY.format(folder=str(model.folder), decode=decode)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_one_stream_of_bytes_gives_one_answer() -> None:
    data = (IMAGES / "fig.jpg").read_bytes()
    first, second = (FAST.preprocess(FAST.decode(data)).tobytes() for _ in range(2))
    assert first == second
