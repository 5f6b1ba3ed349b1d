"""The two photographs: a small one as it is, and a large one as cameras make them."""

from __future__ import annotations

import io
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[2] / "images"
# 451 x 300 pixels.
PNG = IMAGES / "chelsea.png"
_SIZE = (4000, 3000)
# Grain of this many levels makes the file as long as a camera's.
_GRAIN = 9


def twelve_megapixels() -> bytes:
    """A JPEG of 4000 x 3000 pixels and about 3 MB, the same each time with the same Pillow."""
    import numpy as np
    from PIL import Image

    with Image.open(IMAGES / "dragonfly.jpg") as photo:
        enlarged = np.asarray(photo.convert("RGB").resize(_SIZE, Image.Resampling.BICUBIC)).astype(np.int16)
    grain = np.random.default_rng(0).integers(-_GRAIN, _GRAIN, (*enlarged.shape[:2], 1), np.int16, endpoint=True)
    written = io.BytesIO()
    Image.fromarray((enlarged + grain).clip(0, 255).astype(np.uint8)).save(written, "JPEG", quality=85)
    return written.getvalue()
