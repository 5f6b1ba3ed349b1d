"""The parts of a file, counted before Pillow reads them, because small files can be made to cost minutes.

Pillow takes up the segments of a JPEG and the chunks of a PNG one by one in Python, and libjpeg passes over all pixels
once for each scan, be it empty: a few megabytes hold hundreds of thousands of scans, each of which takes 20 ms at 29
million pixels. What cameras and programs write has some tens of segments, ten scans or so, and a chunk each few kB.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from resnet_bench.errors import ImageError

# Of Pillow's loop before the pixels of a JPEG, 0.7 us for each fill byte; a segment costs more, and where its content
# is put behind that of others, as with EXIF, all of it is copied anew.
_MOST_STEPS: Final = 100_000
_STEPS_OF_A_SEGMENT: Final = 50
# 5 us each, and up to a thousand times as long for one of those that Pillow unpacks, to a megabyte each at most: short
# ones hold no more than deflate can make of them.
_MOST_CHUNKS: Final = 100_000
_CHUNKS_OF_A_PACKED: Final = 1_000
_CHUNKS_OF_A_PACKED_BYTE: Final = 2
_PACKED: Final = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_MOST_UNPACKED_BYTES: Final = 1024 * 1024
_MOST_OF_A_BYTE: Final = 1032
# Scans times pixels: fifty scans of the largest image.
_MOST_SCANNED_PIXELS: Final = 1_500_000_000
# An image of fewer pixels: to begin a scan takes time as well.
_LEAST_PIXELS: Final = 65_536
# Arithmetic coding needs no bits for what it expects, so that each scan may tell of every coefficient.
_ARITHMETIC_WEIGHT: Final = 12

_FIRST_MARKER, _SOI, _EOI, _SOS = 0xC0, 0xD8, 0xD9, 0xDA
_ARITHMETIC: Final = frozenset({0xC9, 0xCA, 0xCB})
# Frames whose pixels come in one scan, if that has all components: libjpeg takes no other behind it.
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1, 0xC9})
# Markers that stand alone: Pillow knows them, and passes on.
_ALONE: Final = frozenset({0xC8, *range(0xD0, 0xD8), _SOI, _EOI, *range(0xF0, 0xFE)})
_FILL: Final = re.compile(rb"\xff*")
# Within a scan: what is neither a stuffed byte, nor a restart, nor a fill byte.
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


class Parts(NamedTuple):
    """``unpacked_bytes``: what a PNG's packed chunks can hold; ``scans_count`` of a JPEG (estimated if enormous), and
    whether it is ``buffered``, as coefficients, until the last has come: a progressive one of a single scan is too."""

    unpacked_bytes: int = 0
    scans_count: int = 1
    arithmetic: bool = False
    buffered: bool = False


def examined(data: bytes) -> Parts:
    """Of a JPEG or a PNG.

    Raises:
        ImageError: ``too_complex``.
    """
    if data.startswith(PNG_SIGNATURE):
        return Parts(unpacked_bytes=_unpacked_bytes(data))
    head = _head(data)
    # To look for scans takes a hundredth of the time to decode them: most JPEGs need not be searched.
    scans_count = 1 if head.one_scan else _scans_count(data)
    return Parts(scans_count=scans_count, arithmetic=head.arithmetic, buffered=not head.one_scan)


def refuse_many_scans(parts: Parts, pixels: int) -> None:
    """
    Raises:
        ImageError: ``too_complex``.
    """
    most = _MOST_SCANNED_PIXELS // max(pixels, _LEAST_PIXELS) // (_ARITHMETIC_WEIGHT if parts.arithmetic else 1)
    if parts.scans_count > most:
        raise _too_complex(f"the JPEG has {parts.scans_count:,} scans; the limit is {most:,} at its size")


def _unpacked_bytes(data: bytes) -> int:
    position, cost, unpacked, end = len(PNG_SIGNATURE), 0, 0, len(data)
    while position + 8 <= end:
        length, kind = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        if kind == b"IEND":
            break
        if kind in _PACKED:
            unpacked += min(_MOST_UNPACKED_BYTES, _MOST_OF_A_BYTE * length)
            cost += min(_CHUNKS_OF_A_PACKED, _CHUNKS_OF_A_PACKED_BYTE * length)
        cost += 1
        if cost > _MOST_CHUNKS:
            raise _too_complex("the PNG has too many chunks")
        position += 12 + length
    return unpacked


class _Head(NamedTuple):
    """Of a JPEG, before its first scan."""

    one_scan: bool
    arithmetic: bool


def _head(data: bytes) -> _Head:
    """By the segments before the first scan, which are found as Pillow finds them."""
    position, steps, end, arithmetic = 2, 0, len(data), False
    whole_scan = None  # how a scan of all components begins, where one is the whole image
    while 0 <= position < end:
        filled = _FILL.match(data, position)
        fill = filled.end() - position if filled else 0
        if not fill:  # Pillow skips what is between segments
            after = data.find(b"\xff", position)
            steps += (end if after < 0 else after) - position
            position = after
        elif position + fill == end:
            break
        else:
            marker = data[position + fill]
            position += fill + 1
            steps += fill
            if marker == _SOS:
                return _Head(data[position + 2 : position + 3] == whole_scan, arithmetic)
            if 0 < marker < _FIRST_MARKER:  # Pillow gives up
                break
            if marker in _SEQUENTIAL:
                whole_scan = data[position + 7 : position + 8]
            if marker and marker not in _ALONE:
                steps += _STEPS_OF_A_SEGMENT
                position += max(2, int.from_bytes(data[position : position + 2]))
            arithmetic = arithmetic or marker in _ARITHMETIC
        if steps > _MOST_STEPS:
            raise _too_complex("the JPEG has too many segments before its pixels")
    return _Head(one_scan=False, arithmetic=arithmetic)


def _scans_count(data: bytes) -> int:
    """As libjpeg finds them; those of a second image behind the first are not among them."""
    position, count, between = 2, 0, 0
    while found := _MARKER.search(data, position):
        marker, position = data[found.end() - 1], found.end()
        between += 1
        if marker == _EOI or between > _MOST_CHUNKS:
            break
        count += marker == _SOS
        # What is no marker libjpeg passes over to find the next one, or it gives up.
        if marker >= _FIRST_MARKER and marker not in _ALONE:
            position += int.from_bytes(data[position : position + 2])
    return count if between <= _MOST_CHUNKS else len(data)


def _too_complex(message: str) -> ImageError:
    return ImageError(message, "open it and save it again", code="too_complex")
