"""What torchvision's reference makes of a file, and that the ways of decoding here make the same of it or refuse it."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torchvision.models import ResNet50_Weights

from resnet_bench.errors import ImageError
from resnet_bench.inference.images import Decoded
from resnet_bench.inference.pipelines import Pipeline, pipeline

PRESET = ResNet50_Weights.IMAGENET1K_V1.transforms()
EXACT, FAST = (pipeline(way, 256) for way in ("exact", "fast"))


def reference(data: bytes) -> Image.Image | None:
    """What torchvision's transforms would be given; ``None`` where Pillow finds no image, whatever it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                return image.convert("RGB")
    except Exception:  # noqa: BLE001 - there is no list of them
        return None


def tensor(image: Image.Image) -> NDArray[np.float32]:
    """What the network would be given."""
    made: NDArray[np.float32] = PRESET(image)[None].numpy()
    return made


def outcome(steps: Pipeline, data: bytes) -> Decoded | ImageError:
    try:
        return steps.decode(data)
    except ImageError as error:
        return error


def assert_as_reference(data: bytes, *, classified: bool | None = None) -> None:
    """``classified`` says which it has to be, if that is known. Any warning is an error by pytest's settings."""
    wanted, exact, fast = reference(data), outcome(EXACT, data), outcome(FAST, data)
    if isinstance(exact, ImageError) or isinstance(fast, ImageError):
        assert isinstance(exact, ImageError)
        assert isinstance(fast, ImageError)
        assert wanted is None, exact.message
        assert classified is not True, exact.message
        assert (exact.code, exact.message) == (fast.code, fast.message)
        assert exact.code in {"corrupt_image", "unsupported_format"}
        assert exact.message.isprintable()
        return
    assert wanted is not None, "the reference refuses it"
    assert classified is not False
    assert (exact.image.mode, exact.size) == ("RGB", wanted.size)
    assert exact.image.tobytes() == wanted.tobytes()


def assert_same_bits(data: bytes) -> None:
    """As far as the network's input."""
    wanted = reference(data)
    assert wanted is not None
    assert EXACT.preprocess(EXACT.decode(data)).tobytes() == tensor(wanted).tobytes()
    assert np.isfinite(FAST.preprocess(FAST.decode(data))).all()
