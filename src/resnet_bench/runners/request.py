"""What is sent to a deployed handler: one image file as the body of a request, whichever way it then goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from resnet_bench import wire
from resnet_bench.errors import ImageError
from resnet_bench.http_event import JSON_TYPE
from resnet_bench.inference import images
from resnet_bench.runners.base import Photo

_RAW_TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}


@dataclass(frozen=True)
class Body:
    content: bytes = field(repr=False)
    content_type: str


def read_body(photo: Photo, *, raw: bool) -> Body:
    """The file's bytes themselves if ``raw``, else JSON around them.

    Raises:
        ImageError: the file cannot be read, or is too large.
    """
    data = images.load(photo.path)
    check_size(photo.name, len(data))
    if raw:
        return Body(data, _RAW_TYPES.get(data[:2], "application/octet-stream"))
    return Body(wire.encode_request(data), JSON_TYPE)


def check_size(name: str, size_bytes: int) -> None:
    """Refuse before sending what Lambda would refuse after the upload.

    Raises:
        ImageError: ``image_too_large``.
    """
    if size_bytes > wire.IMAGE_LIMIT_BYTES:
        limit = megabytes(wire.IMAGE_LIMIT_BYTES)
        raise ImageError(
            f"{name} has {megabytes(size_bytes)}; Lambda takes at most {limit} (6 MB with base64 around it)",
            "send a smaller copy; the network looks at 224 x 224 pixels",
            code="image_too_large",
        )


def megabytes(size_bytes: int) -> str:
    """In powers of ten, as file managers count."""
    return f"{size_bytes / 1e6:.1f} MB"
