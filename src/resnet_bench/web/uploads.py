"""What somebody sends to be classified: judged by what it is, not by what it is called, and never put on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from resnet_bench.inference import images
from resnet_bench.inference.image_ref import image_ref
from resnet_bench.results.run import ImageRef
from resnet_bench.runners.base import Photo
from resnet_bench.runners.request import check_size

_NAME_CHARACTERS = 80
_NAMELESS = "image"


@dataclass(frozen=True)
class Upload:
    data: bytes = field(repr=False)
    image: ImageRef

    @contextmanager
    def photo(self) -> Iterator[Photo]:
        """The image as a file, which runners read anew for each call; it exists in memory only, and for so long.

        Linux's memfd: no folder ever holds it, and it ends with this process however that ends.
        """
        descriptor = os.memfd_create("upload")
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(self.data)
            # The local side's process opens it by this process's number.
            yield Photo(self.image.name, f"/proc/{os.getpid()}/fd/{descriptor}")
        finally:
            os.close(descriptor)


def receive(name: str, data: bytes) -> Upload:
    """``data`` as an image, by what its header says; whether the rest is whole is found out when it is decoded.

    ``name`` is for people only: it never becomes a path.

    Raises:
        ImageError: no JPEG or PNG, too many pixels, or too large for a Lambda.
    """
    shown = display_name(name)
    check_size(shown, len(data))
    return Upload(data, image_ref(shown, data, images.read_header(data)))


def display_name(name: str) -> str:
    """The last part of a path of whichever system, without what does not print, and not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(each for each in last if each.isprintable()).strip()
    return printable[:_NAME_CHARACTERS] or _NAMELESS
