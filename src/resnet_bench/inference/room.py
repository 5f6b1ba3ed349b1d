"""How much memory an image takes until the network sees it, and how much of it there is: what does not fit is refused.

On Lambda the kernel ends a process that goes beyond the function's memory, and with it an environment that had answered
others. So the need is computed from the file's header, before anything is decoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resnet_bench.errors import ImageError
from resnet_bench.sandbox.memory import anonymous_bytes
from resnet_bench.units import MIB

if TYPE_CHECKING:
    from PIL.Image import Image

    from resnet_bench.inference.parts import Parts

# For the request as text and as bytes (30 MB at most), the network's first answer (torch: 25 MB), and what the kernel
# itself takes.
RESERVE_BYTES: Final = 96 * MIB
# Where there is less, small images may still pass.
LEAST_BYTES: Final = 32 * MIB
_MOST_UNPACKED_BYTES: Final = 64 * MIB  # of a PNG's texts, beyond which Pillow refuses it
_RGB_BYTES: Final = 4  # Pillow pads
# A JPEG in several scans, or made for them, is kept as coefficients of 16 bits until the last has come.
_COEFFICIENT_BYTES: Final = 2
_MODE_BYTES: Final = {"1": 1, "L": 1, "P": 1, "I;16": 3}  # the last is made grey before it is made RGB; others: 4


def room_bytes(limit_bytes: int | None) -> int | None:
    """What a process that has loaded its engine can spend on one image; ``None`` if it is not limited.

    Asked once, before the first image: memory that the last image has left behind serves the next.
    """
    if limit_bytes is None:
        return None
    return max(LEAST_BYTES, limit_bytes - anonymous_bytes() - RESERVE_BYTES)


def needed_bytes(image: Image, resized: tuple[int, int], parts: Parts) -> int:
    """The most that decoding and resizing to ``resized`` hold at once."""
    width, height = image.size
    pixels = width * height
    stored = pixels * _MODE_BYTES.get(image.mode, 4)
    coefficients = int(pixels * _COEFFICIENT_BYTES * _full_components(image)) if parts.buffered else 0
    converted = 0 if image.mode == "RGB" else pixels * _RGB_BYTES
    between, after = resized[0] * height, resized[0] * resized[1]
    resizing = pixels * _RGB_BYTES + (between + after) * _RGB_BYTES
    return max(stored + max(coefficients, converted), resizing) + min(parts.unpacked_bytes, _MOST_UNPACKED_BYTES)


def refuse_beyond(room: int, needed: int) -> None:
    """
    Raises:
        ImageError: ``too_many_pixels``.
    """
    if needed > room:
        raise ImageError(
            f"the image takes {needed // MIB} MB to decode, and of this function's memory there are {room // MIB} MB",
            "make a smaller copy of it, or give the function more memory",
            code="too_many_pixels",
        )


def _full_components(image: Image) -> float:
    """How many components of full size a JPEG's components are together: 3 or, subsampled, 1.5."""
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    samples: list[int] = [across * down for _, across, down, _ in layers]
    largest = max(samples, default=0)
    return sum(samples) / largest if largest else 4.0
