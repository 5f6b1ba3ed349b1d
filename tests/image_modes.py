"""Images in every mode that JPEG and PNG can have, full of detail."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image


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
