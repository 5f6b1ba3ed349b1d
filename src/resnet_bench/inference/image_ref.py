"""What is kept of an image where its bytes are not."""

from __future__ import annotations

import hashlib

from resnet_bench.inference.images import Decoded, Header
from resnet_bench.results.run import ImageRef


def image_ref(name: str, data: bytes, read: Header | Decoded) -> ImageRef:
    """Of the file ``data``, of which ``read`` tells size and format."""
    width, height = read.size
    return ImageRef(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        width=width,
        height=height,
        format=read.format,
    )
