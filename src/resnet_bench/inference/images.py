"""Image bytes to the network's input, exactly as torchvision's reference pipeline does it, without torch.

The reference is ``Image.open`` (first frame), ``convert("RGB")``, then the preset that torchvision publishes with
the weights (``torchvision.transforms._presets.ImageClassification``) on the PIL backend. "Exactly"
means the same bits; the tests compare both over every mode that JPEG and PNG can have. Colour profiles and gamma are
left alone, as there. Three consequences:

* 16-bit grey PNGs (mode ``I;16``) are clipped at 255 by ``convert("RGB")``, not scaled: most come out white. The
  reference does this, so this program does.
* EXIF orientation is **not** applied, as in the reference: a photograph that a camera marked as
  "rotated" is classified as stored.
* Transparency is dropped, not blended.

Pixel limit: a decoded pixel costs at most 12 bytes (a progressive CMYK JPEG: 8 for its coefficients plus 4 for its
pixels; measured 12.03), so 30 million cost 360 MB. On a 1024 MB Lambda, torch with the weights holds 410 MB that the
kernel cannot reclaim (measured, torch 2.14), so that such an image passes there; it peaked at 772 MB. The limit is
applied to the size in the file's header, before anything is decoded, and to the size after resizing, since a
1 x 20,000 image becomes 256 x 5,120,000. Where memory is limited, what the image needs is held against what there is
(``room``); and what would take minutes, however few its pixels, is refused by the number of its parts (``parts``).

What Pillow refuses is refused here: truncated files (``LOAD_TRUNCATED_IMAGES`` is off), wrong checksums of what stands
before the pixels, 12-bit JPEGs, anything before the signature. What follows the image's end is not looked at. Of an
animation (APNG) or several pictures (MPO) the first is classified.
"""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# Memory that Pillow keeps need not be mapped again page by page, which is a quarter of decoding 12 megapixels (48 MB).
# It keeps at most so many times 16 MB, and asks for the number when it is first imported (its "Block allocator").
os.environ.setdefault("PILLOW_BLOCKS_MAX", "4")

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from resnet_bench.errors import ImageError
from resnet_bench.inference import parts, room
from resnet_bench.inference.formats import format_of

MAX_PIXELS = 30_000_000
# No JPEG or PNG within the pixel limit is larger; the end of reading where a file has none (/dev/zero).
MAX_FILE_BYTES = 256 * 1024 * 1024
CROP = 224
RESIZE = 256
# ImageNet's, as in torchvision's ImageClassification preset.
_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
_STD = np.array((0.229, 0.224, 0.225), np.float32)
_SAVE_FIRST = "save it as a file first: each call reads it anew"


class _Jpeg(JpegImageFile):
    """Leaves EXIF unread: a resolution changes no pixel, and tags may all stand for the same 64 kB."""

    def _read_dpi_from_exif(self) -> None:
        pass


_SIGNATURES = {b"\xff\xd8\xff": _Jpeg, parts.PNG_SIGNATURE: PngImageFile}


class Decoded(NamedTuple):
    """An RGB image, its size (width, height) in pixels, and ``JPEG`` or ``PNG``."""

    image: Image.Image
    size: tuple[int, int]
    format: str


def load(path: str | os.PathLike[str]) -> bytes:
    """The bytes of an image file.

    Raises:
        ImageError: no such file, a folder, a pipe or a device, not readable, empty, or larger than ``MAX_FILE_BYTES``.
    """
    file = Path(path)
    try:
        data = _read(file)
    except FileNotFoundError as error:
        raise ImageError(f"no such image: {file}", "check the path", code="not_found") from error
    except IsADirectoryError as error:
        raise ImageError(f"{file} is a folder", "name an image file in it", code="unreadable") from error
    except OSError as error:
        reason = error.strerror or error
        raise ImageError(
            f"cannot read {file}: {reason}", "check the path and its permissions", code="unreadable"
        ) from error
    if not data:
        raise ImageError(f"{file} is empty", "give a JPEG or PNG file", code="corrupt_image")
    if len(data) > MAX_FILE_BYTES:
        limit = f"{MAX_FILE_BYTES // 1024**2} MB"
        raise ImageError(f"{file} is larger than {limit}", "make a smaller copy of it", code="image_too_large")
    return data


class Header(NamedTuple):
    """An image's size (width, height) in pixels, and ``JPEG`` or ``PNG``, by what its file says first."""

    size: tuple[int, int]
    format: str


def decode(data: bytes, room_bytes: int | None = None) -> Decoded:
    """Decode a JPEG or PNG, told apart by content, in ``room_bytes`` of memory; ``None`` is no limit.

    Raises:
        ImageError: ``unsupported_format``, ``too_many_pixels``, ``too_complex`` or ``corrupt_image``.
    """
    with opened(data, room_bytes) as image:
        return Decoded(to_rgb(image), image.size, str(image.format))


def read_header(data: bytes) -> Header:
    """What the file says of itself, in microseconds; whether the rest is whole, only ``decode`` finds out.

    Raises:
        ImageError: as ``decode``, and ``too_many_pixels`` as ``preprocess`` at its usual size.
    """
    with opened(data) as image:
        refuse_large(*resized_size(image.size, RESIZE), resized_from=image.size)
        return Header(image.size, str(image.format))


@contextmanager
def opened(data: bytes, room_bytes: int | None = None) -> Iterator[Image.Image]:
    """The image with its header read, its pixels not yet; whatever fails inside the block is a damaged image.

    Raises:
        ImageError: as ``decode``.
    """
    if not data:
        raise ImageError("the image is empty (0 bytes)", "send a JPEG or PNG file", code="corrupt_image")
    opener = next((opener for magic, opener in _SIGNATURES.items() if data.startswith(magic)), None)
    if opener is None:
        found = format_of(data)
        raise ImageError(
            "the image is neither JPEG nor PNG" + (f", but {found}" if found else ""),
            "convert it to JPEG or PNG first",
            code="unsupported_format",
        )
    try:
        seen = parts.examined(data)
        with warnings.catch_warnings():
            # Pillow warns about damaged metadata and palettes; neither touches the pixels that are used here.
            warnings.simplefilter("ignore")
            # The plugin itself rather than Image.open: that would load five plugins and apply a limit of its own.
            with opener(io.BytesIO(data)) as image:
                refuse_large(*image.size)
                parts.refuse_many_scans(seen, image.width * image.height)
                if room_bytes is not None:
                    resized = resized_size(image.size, RESIZE)
                    room.refuse_beyond(room_bytes, room.needed_bytes(image, resized, seen))
                yield image
    except (ImageError, MemoryError):
        raise
    except Exception as error:
        # On hostile bytes Pillow raises SyntaxError, OSError, ValueError, struct.error, zlib.error, OverflowError,
        # AttributeError and others, by no published list; whatever it is, these bytes are not an image.
        reason = str(error).strip() or type(error).__name__
        raise ImageError(f"the image is damaged: {reason}", "open and save it again", code="corrupt_image") from error


def preprocess(image: Image.Image, resize: int = RESIZE) -> NDArray[np.float32]:
    """Resize the short side (bilinear, antialiased), cut out the centre, scale and normalise.

    ``image`` is RGB; ``resize`` is in pixels and at least 224. Returns float32 of shape (1, 3, 224, 224).

    Raises:
        ImageError: ``too_many_pixels`` if so long and thin an image would be enormous after resizing.
    """
    size = resized_size(image.size, resize)
    refuse_large(*size, resized_from=image.size)
    if size != image.size:
        image = image.resize(size, Image.Resampling.BILINEAR)
    return normalised(image.crop(crop_box(size)))


def normalised(image: Image.Image) -> NDArray[np.float32]:
    """RGB pixels scaled to 0 to 1 and normalised: float32 of shape (1, 3, height, width)."""
    # Planes first: each of the three operations then runs over contiguous memory. Same order of float32
    # operations as convert_image_dtype and Normalize, hence the same bits.
    batch = np.asarray(image).transpose(2, 0, 1).astype(np.float32, order="C")
    batch /= np.float32(255)
    batch -= _MEAN[:, None, None]
    batch /= _STD[:, None, None]
    return batch[None]


def resized_size(size: tuple[int, int], resize: int) -> tuple[int, int]:
    """(width, height) with the short side at ``resize``; the long side is truncated, as in torchvision's Resize."""
    width, height = size
    if width <= height:
        return resize, int(resize * height / width)
    return int(resize * width / height), resize


def crop_box(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where the centre lies in an image of ``size``, which is never smaller: left, top, right, bottom."""
    # Python's round (half to even), as torchvision's center_crop.
    left, top = (round((side - CROP) / 2.0) for side in size)
    return left, top, left + CROP, top + CROP


def _read(file: Path) -> bytes:
    """At most one byte more than ``MAX_FILE_BYTES``.

    Raises:
        ImageError: a pipe or a device, which may never end and cannot be read for each call anew.
    """
    with open(file, "rb", opener=_without_waiting) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            kind = "a pipe" if stat.S_ISFIFO(status.st_mode) else "a device"
            raise ImageError(f"{file} is not a file but {kind}", _SAVE_FIRST, code="unreadable")
        if 0 < status.st_size <= MAX_FILE_BYTES:
            # Ten times as fast as with a limit, for which Python first makes a buffer of that size.
            return stream.read()
        # The kernel's own files say that they are empty, and some have no end. Read without waiting, none gives None.
        return stream.read(MAX_FILE_BYTES + 1) or b""


def _without_waiting(path: str, flags: int) -> int:
    """To open a pipe would otherwise wait for somebody who writes into it."""
    return os.open(path, flags | os.O_NONBLOCK)


def to_rgb(image: Image.Image) -> Image.Image:
    """The image with its pixels read, as RGB."""
    image.load()
    # convert() would copy an image that is RGB already: 4 bytes a pixel for nothing.
    return image if image.mode == "RGB" else image.convert("RGB")


def refuse_large(width: int, height: int, resized_from: tuple[int, int] | None = None) -> None:
    if width * height <= MAX_PIXELS:
        return
    limit = f"the limit is {MAX_PIXELS // 1_000_000} million pixels"
    if resized_from is None:
        message = f"the image has {width} x {height} pixels; {limit}"
    else:
        message = f"the image ({resized_from[0]} x {resized_from[1]}) is too long and thin: {limit} after resizing"
    raise ImageError(message, "make a smaller copy of it", code="too_many_pixels")
