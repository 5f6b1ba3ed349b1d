"""The fast way from bytes to the network's input: close to ``images``', not bit for bit.

A JPEG stores each 8 x 8 block of pixels as frequencies, so that a decoder can produce it at 1/2, 1/4 or 1/8 of its size
without computing the full one. The largest reduction that still leaves the short side as long as the exact way
resizes to is taken; then the crop alone is resized, from where it lies in the full image. How far the answers are
from the exact ones is measured when the model is prepared (``exports.agreement``). Limits and errors are those of
``images``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_bench.inference import images
from resnet_bench.inference.images import CROP, RESIZE, Decoded

# Pillow first averages whole blocks of pixels until the image is at most this many times too large.
_REDUCING_GAP = 2.0


def decode(data: bytes, room_bytes: int | None = None, resize: int = RESIZE) -> Decoded:
    """As ``images.decode``, but the image may be smaller than its ``size`` says.

    Raises:
        ImageError: as ``images.decode``.
    """
    with images.opened(data, room_bytes) as image:
        size = image.size
        # Does nothing to a PNG, or to a JPEG that is not twice as large as needed.
        image.draft(None, images.resized_size(size, resize))
        return Decoded(images.to_rgb(image), size, str(image.format))


def preprocess(decoded: Decoded, resize: int = RESIZE) -> NDArray[np.float32]:
    """As ``images.preprocess``, with the crop cut out and resized in one step.

    Raises:
        ImageError: as ``images.preprocess``.
    """
    image, full = decoded.image, decoded.size
    size = images.resized_size(full, resize)
    images.refuse_large(*size, resized_from=full)
    # 1, 2, 4 or 8. The reduced image's last row and column may be only partly filled, so that its size says less.
    reduction = round(max(full) / max(image.size))
    across, down = (side / reduction / want for side, want in zip(full, size, strict=True))
    left, top, right, bottom = images.crop_box(size)
    box = (left * across, top * down, right * across, bottom * down)
    cut = image.resize((CROP, CROP), Image.Resampling.BILINEAR, box=box, reducing_gap=_REDUCING_GAP)
    return images.normalised(cut)
