"""Images made bit by bit: every kind of PNG and JPEG that Pillow cannot write, damage to any of their parts, and bombs.

Written for these tests, so that no suite of other people's images is needed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageCms

from image_modes import noise, rgb, saved

WIDTH, HEIGHT = 67, 43
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Colour type: name, values a pixel, bit depths.
COLOURS = {
    0: ("grey", 1, (1, 2, 4, 8, 16)),
    2: ("rgb", 3, (8, 16)),
    3: ("palette", 1, (1, 2, 4, 8)),
    4: ("grey-alpha", 2, (8, 16)),
    6: ("rgba", 4, (8, 16)),
}
# Adam7: first column, first row, step across, step down.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


# --- PNG ----------------------------------------------------------------------------------------------------------


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def header(width: int, height: int, depth: int = 8, colour: int = 2, *, interlaced: bool = False) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def rows(width: int, height: int, bits: int, seed: int = 0) -> bytes:
    """Filtered by each of PNG's five filters in turn."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, (width * bits + 7) // 8), np.uint8)
    return b"".join(bytes([number % 5]) + row.tobytes() for number, row in enumerate(pixels))


def pixels_of(width: int, height: int, bits: int, *, interlaced: bool = False) -> bytes:
    """Random ones, as they stand in a PNG before they are compressed."""
    if not interlaced:
        return rows(width, height, bits)
    sizes = [(-(-(width - left) // across), -(-(height - top) // down)) for left, top, across, down in _PASSES]
    return b"".join(rows(*size, bits) for size in sizes if size[0] > 0 and size[1] > 0)


def png(
    colour: int = 2,
    depth: int = 8,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    interlaced: bool = False,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
    split: int = 1 << 20,
) -> bytes:
    """``before`` and ``after`` are chunks around the pixels, which come in chunks of ``split`` bytes."""
    bits = COLOURS[colour][1] * depth
    packed = zlib.compress(pixels_of(*size, bits, interlaced=interlaced), 1)
    palette = chunk(b"PLTE", noise(1 << depth, 1).tobytes()) if colour == 3 else b""
    data = [chunk(b"IDAT", packed[at : at + split]) for at in range(0, len(packed), split)]
    first = header(*size, depth, colour, interlaced=interlaced)
    return b"".join((PNG_SIGNATURE, first, palette, *before, *data, *after, chunk(b"IEND")))


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def ancillary() -> dict[str, bytes]:
    """One of each of the standard's, by name."""
    packed = zlib.compress(b"text " * 50)
    bodies = {
        "gAMA": struct.pack(">I", 30_000),
        "cHRM": struct.pack(">8I", *range(10_000, 90_000, 10_000)),
        "sRGB": b"\1",
        "sBIT": b"\5\6\5",
        "iCCP": b"p\0\0" + zlib.compress(profile()),
        "bKGD": struct.pack(">3H", 9, 8, 7),
        "pHYs": struct.pack(">IIB", 1, 3, 0),
        "tIME": struct.pack(">H5B", 2026, 1, 2, 3, 4, 5),
        "tEXt": b"Title\0text",
        "zTXt": b"Title\0\0" + packed,
        "iTXt": b"Title\0\1\0en\0\0" + packed,
        "eXIf": exif(6)[6:],
        "sPLT": b"p\0\x08" + bytes(6),
        "hIST": bytes(2),
        "prVt": b"private",
    }
    return {name: chunk(name.encode(), body) for name, body in bodies.items()}


def frame_control(number: int, size: tuple[int, int] = (WIDTH, HEIGHT), offset: int = 0, operations: int = 0) -> bytes:
    disposal, blending = divmod(operations, 2)
    body = struct.pack(">5IHHBB", number, *size, offset, offset, 1, 10, disposal, blending)
    return chunk(b"fcTL", body)


def animated(*, default_is_a_frame: bool, operations: int = 0) -> bytes:
    """Two frames; the default image, which is what is classified, need not be one of them."""
    other = zlib.compress(rows(WIDTH, HEIGHT, 24, seed=1))
    control = chunk(b"acTL", struct.pack(">II", 2, 0))
    first = int(default_is_a_frame)
    before = [control, frame_control(0, operations=operations)] if default_is_a_frame else [control]
    after = []
    for number in range(first, 2):
        after.append(frame_control(2 * number - first, operations=operations))
        after.append(chunk(b"fdAT", struct.pack(">I", 2 * number - first + 1) + other))
    return png(before=before, after=after)


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and end of each."""
    position = len(PNG_SIGNATURE)
    while position < len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4])
        yield data[position + 4 : position + 8], position, end
        position = end


# --- JPEG ---------------------------------------------------------------------------------------------------------


def segment(marker: int, body: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int) -> bytes:
    made = Image.Exif()
    made[0x0112] = orientation
    return made.tobytes()


def jpeg(mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT), **options: object) -> bytes:
    return saved(rgb(*size).convert(mode), "JPEG", **options)


def with_segments(data: bytes, *inserted: bytes) -> bytes:
    return data[:2] + b"".join(inserted) + data[2:]


def adobe(data: bytes, transform: int) -> bytes:
    """Of a JPEG that Pillow wrote as CMYK: with another word on its colours."""
    start = data.index(b"Adobe") + 11
    return data[:start] + bytes([transform]) + data[start + 1 :]


def tables() -> bytes:
    """Quantisation and Huffman tables of a JPEG."""
    data, position, found = jpeg(), 2, b""
    while data[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        if data[position + 1] in {0xDB, 0xC4}:
            found += data[position:end]
        position = end
    return found


def frame(marker: int, width: int, height: int, components: int = 4, precision: int = 8) -> bytes:
    each = b"".join(bytes([number + 1, 0x11, 0]) for number in range(components))
    return segment(marker, struct.pack(">BHHB", precision, height, width, components) + each)


def scan(components: Sequence[int], spectrum: tuple[int, int] = (0, 63), bits: int = 0) -> bytes:
    """A scan of which only the beginning is there."""
    each = b"".join(bytes([number, 0]) for number in components)
    return segment(0xDA, bytes([len(components)]) + each + bytes([*spectrum, bits]))


def of_scans(marker: int, size: tuple[int, int], *scans: bytes, components: int = 4) -> bytes:
    return b"\xff\xd8" + tables() + frame(marker, *size, components) + b"".join(scans) + b"\xff\xd9"


ALL = (1, 2, 3, 4)
PROGRESSIVE, SEQUENTIAL, ARITHMETIC = 0xC2, 0xC0, 0xC9


def exif_bomb(tags: int = 5000) -> bytes:
    """A JPEG of 64 kB with tags that all stand for the same 60,000 bytes; it tells its resolution nowhere else."""
    table = b"".join(struct.pack(">HHII", tag + 1, 7, 60_000, 8) for tag in range(tags))
    body = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", tags) + table
    return with_segments(jpeg("CMYK"), segment(0xE1, body))
