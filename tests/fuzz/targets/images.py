"""Image decoding, exact and fast: what Pillow makes of the same bytes, or an ``ImageError`` in one line."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image

from fuzz.mutators import pictures
from fuzz.target import Target
from image_modes import MAKERS, rgb
from resnet_bench.errors import ImageError
from resnet_bench.inference import images
from resnet_bench.inference.images import Decoded
from resnet_bench.inference.pipelines import Pipeline, pipeline

_CODES = frozenset({"unsupported_format", "too_many_pixels", "too_complex", "corrupt_image"})
_PIPELINES = (pipeline("exact", 256), pipeline("fast", 256))
# What is larger is not decoded here: not wrong, only long.
_MOST_PIXELS = 1_000_000


def target(data: bytes) -> None:
    try:
        header = images.read_header(data)
    except ImageError as error:
        check(error)
        if error.code == "too_many_pixels":
            return
    else:
        if header.size[0] * header.size[1] > _MOST_PIXELS:
            return
    exact, fast = (outcome(steps, data) for steps in _PIPELINES)
    if isinstance(exact, ImageError) or isinstance(fast, ImageError):
        assert isinstance(exact, ImageError), exact
        assert isinstance(fast, ImageError), fast
        assert exact.code == fast.code
        if exact.code == "corrupt_image":
            assert reference(data) is None, f"Pillow reads it: {exact.message}"
        return
    assert (exact.size, exact.format) == (fast.size, fast.format)
    wanted = reference(data)
    assert wanted is not None, "Pillow does not read it"
    assert exact.image.mode == fast.image.mode == "RGB"
    assert np.array_equal(np.asarray(exact.image), wanted)
    for steps, decoded in zip(_PIPELINES, (exact, fast), strict=True):
        try:
            batch = steps.preprocess(decoded)
        except ImageError as error:
            assert error.code == "too_many_pixels"
        else:
            assert batch.shape == (1, 3, 224, 224)
            assert np.isfinite(batch).all()


def outcome(steps: Pipeline, data: bytes) -> Decoded | ImageError:
    try:
        return steps.decode(data)
    except ImageError as error:
        check(error)
        return error


def check(error: ImageError) -> None:
    assert error.code in _CODES
    assert error.message.isprintable(), error.message
    assert len(error.message) < 300
    assert error.hint


def reference(data: bytes) -> np.ndarray | None:
    """The pixels that torchvision would be given; ``None`` where Pillow gives none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
                return np.asarray(image.convert("RGB"))
    except Exception:  # noqa: BLE001 - Pillow has no list of what it raises
        return None


def seeds() -> Iterator[bytes]:
    for make in MAKERS.values():
        yield make(20, 13)
    yield pictures.saved(rgb(40, 30), "JPEG", quality=20, optimize=True, restart_marker_blocks=2)
    yield pictures.saved(rgb(9, 40), "PNG", compress_level=0)
    yield pictures.saved(rgb(600, 520).reduce(4).resize((600, 520)), "JPEG", quality=5)  # the fast decoding reduces it
    yield b"GIF89a"


TARGET = Target(target, seeds, pictures.mutate, longest=20_000, cpu_s=3.0)
