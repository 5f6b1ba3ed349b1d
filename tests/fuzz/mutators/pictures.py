"""Changes to PNG and JPEG files: in their chunks and segments, whose lengths and checksums are made right again."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from random import Random

from PIL import Image

Bytes = Callable[[bytes], bytes]
Parts = list[tuple[bytes, bytes]]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_START_OF_SCAN = 0xDA
# Of a PNG's header: width, height, bit depth, colour type, compression, filter, interlacing.
_HEADER = ">IIBBBBB"
_SIDES = (0, 1, 2, 3, 7, 8, 9, 31, 64, 257, 1000, 30_000, 65_535, 2**31 - 1, 2**31, 2**32 - 1)
_CHUNKS: tuple[tuple[bytes, bytes], ...] = (
    (b"tRNS", b"\0\1\0\2\0\3"),
    (b"PLTE", bytes(range(48))),
    (b"gAMA", struct.pack(">I", 45_455)),
    (b"cHRM", struct.pack(">8I", *range(8))),
    (b"sRGB", b"\0"),
    (b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
    (b"iCCP", b"name\0\0" + zlib.compress(bytes(300))),
    (b"zTXt", b"key\0\0" + zlib.compress(bytes(2000))),
    (b"iTXt", b"key\0\1\0en\0\0" + zlib.compress(b"text")),
    (b"tEXt", b"key\0text"),
    (b"eXIf", b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
    (b"acTL", struct.pack(">II", 2, 0)),
    (b"fcTL", struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)),
    (b"fdAT", struct.pack(">I", 1) + zlib.compress(bytes(200))),
    (b"IEND", b""),
    (b"CgBI", b"\0\0\0\0"),
)
_SEGMENTS: tuple[tuple[int, bytes], ...] = (
    (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
    (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
    (0xE2, b"ICC_PROFILE\0\1\1" + bytes(60)),
    (0xE2, b"MPF\0MM\0*\0\0\0\x08\0\1\xb0\1\0\4\0\0\0\1\0\0\0\2\0\0\0\0"),
    (0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\2ab"),
    (0xEE, b"Adobe\0d\0\0\0\0\2"),
    (0xFE, b"comment"),
    (0xDD, b"\0\3"),
    (0xDC, b"\0\x20"),
)


def mutate(data: bytes, random: Random, blindly: Bytes) -> bytes:
    if random.random() < 0.15:
        return blindly(data)
    if data.startswith(_PNG):
        return _png(_change_png(_chunks(data), random, blindly))
    if data.startswith(_JPEG):
        return _change_jpeg(data, random, blindly)
    return blindly(data)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _chunks(data: bytes) -> Parts:
    found, at = [], len(_PNG)
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def _png(parts: Parts) -> bytes:
    return _PNG + b"".join(chunk(name, body) for name, body in parts)


def _change_png(parts: Parts, random: Random, blindly: Bytes) -> Parts:
    if not parts:
        return [*_CHUNKS]
    place = random.randrange(len(parts))
    name, body = parts[place]
    match random.randrange(8):
        case 0:
            parts.insert(random.randrange(len(parts) + 1), random.choice(_CHUNKS))
        case 1:
            parts.insert(random.randrange(len(parts) + 1), parts[place])
        case 2:
            del parts[place]
        case 3:
            other = random.randrange(len(parts))
            parts[place], parts[other] = parts[other], parts[place]
        case 4:
            parts[0] = (parts[0][0], _other_header(parts[0][1], random))
        case 5 | 6:
            parts[place] = (name, _recompressed(name, body, blindly))
        case _:
            parts[place] = (blindly(name)[:4].ljust(4, b"a") if random.random() < 0.1 else name, blindly(body))
    return parts


def _other_header(body: bytes, random: Random) -> bytes:
    try:
        fields = [*struct.unpack(_HEADER, body)]
    except struct.error:
        return body
    field = random.randrange(len(fields))
    choices = (_SIDES, _SIDES, (1, 2, 4, 8, 16, 0, 3), (0, 2, 3, 4, 6, 1, 5, 7), (0, 1), (0, 1), (0, 1, 2))
    fields[field] = random.choice(choices[field])
    return struct.pack(_HEADER, *fields)


def _recompressed(name: bytes, body: bytes, blindly: Bytes) -> bytes:
    """What is inside the compression changed, where there is any."""
    head = {b"IDAT": 0, b"fdAT": 4, b"zTXt": body.find(b"\0") + 2, b"iCCP": body.find(b"\0") + 2}.get(name)
    if head is None:
        return blindly(body)
    try:
        inside = zlib.decompressobj().decompress(body[head:], 200_000)
    except zlib.error:
        return blindly(body)
    return body[:head] + zlib.compress(blindly(inside))


def _segments(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Those before the first scan's data, and all from there on."""
    found, at = [], len(_JPEG)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        found.append((marker, data[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == _START_OF_SCAN:
            break
    return found, data[at:]


def _change_jpeg(data: bytes, random: Random, blindly: Bytes) -> bytes:
    segments, scan = _segments(data)
    if not segments or random.random() < 0.2:
        scan = blindly(scan)
    else:
        place = random.randrange(len(segments))
        marker, body = segments[place]
        match random.randrange(7):
            case 0:
                segments.insert(place, random.choice(_SEGMENTS))
            case 1:
                segments.insert(random.randrange(len(segments)), segments[place])
            case 2:
                del segments[place]
            case 3:
                marker = random.choice((marker, 0xC0, 0xC1, 0xC2, 0xC4, 0xC9, 0xDB, 0xDA, 0xDD, 0xE1, 0xEE, 0xFE))
                segments[place] = (marker, body)
            case 4 if len(scan) > 2:
                scan = scan[:-2] * 2 + scan[-2:]
            case _:
                segments[place] = (marker, blindly(body)[:65_000])
    head = b"".join(bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return _JPEG + head + scan
