"""``--decode exact|fast``: the two ways from an image's bytes to the network's input."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from resnet_bench.inference import images, reduced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from resnet_bench.inference.images import Decoded
    from resnet_bench.results.records import Decode


class Pipeline(NamedTuple):
    decode: Callable[[bytes], Decoded]
    preprocess: Callable[[Decoded], NDArray[np.float32]]


def pipeline(decode: Decode, resize: int, room_bytes: int | None = None) -> Pipeline:
    """``resize`` is the short side, in pixels, that the weights want; ``room_bytes``: as ``images.decode``."""
    if decode == "fast":
        decoding = partial(reduced.decode, room_bytes=room_bytes, resize=resize)
        return Pipeline(decoding, partial(reduced.preprocess, resize=resize))
    decoding = partial(images.decode, room_bytes=room_bytes)
    return Pipeline(decoding, lambda decoded: images.preprocess(decoded.image, resize))
