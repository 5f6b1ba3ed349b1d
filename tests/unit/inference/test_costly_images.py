"""Small files that would cost minutes or gigabytes: refused before they do. And formats that are refused by name."""

from __future__ import annotations

import zlib

import pytest

from hostile_images import (
    ALL,
    ARITHMETIC,
    PROGRESSIVE,
    SEQUENTIAL,
    chunk,
    exif_bomb,
    jpeg,
    of_scans,
    png,
    scan,
    segment,
    with_segments,
)
from resnet_bench.errors import ImageError
from resnet_bench.inference import images, room
from resnet_bench.inference.parts import examined
from resnet_bench.inference.pipelines import pipeline
from resnet_bench.units import MIB
from resnet_bench.wire import IMAGE_LIMIT_BYTES

SMALL, HUGE = (40, 30), (5400, 5400)
JPEG, EXIF = jpeg(size=SMALL), b"Exif\0\0"


def png_with(chunks: bytes) -> bytes:
    return png(size=SMALL, before=[chunks])


def refused(data: bytes, room_bytes: int | None = None) -> ImageError:
    """By both ways of decoding, in the same words."""
    found = []
    for way in ("exact", "fast"):
        with pytest.raises(ImageError) as caught:
            pipeline(way, 256, room_bytes).decode(data)
        assert caught.value.hint
        found.append(caught.value)
    assert (found[0].code, found[0].message) == (found[1].code, found[1].message)
    return found[0]


COSTLY = {
    "scans of nothing": of_scans(PROGRESSIVE, HUGE, scan(ALL, (0, 0)) * 1000),
    "scans without end": of_scans(SEQUENTIAL, (64, 64), scan((1, 2)) * 300_000),
    "arithmetic scans": of_scans(ARITHMETIC, HUGE, scan((1, 2)) * 10),
    "scans behind no marker": of_scans(PROGRESSIVE, HUGE, scan(ALL), b"\xff\2\xff\xff", scan((1,), (1, 63)) * 999),
    "comments": with_segments(JPEG, segment(0xFE) * 1_000_000),
    "fill bytes": with_segments(JPEG, b"\xff" * 4_000_000),
    "junk": with_segments(JPEG, segment(0xFE) + b"j" * 4_000_000),
    "EXIF in pieces": with_segments(JPEG, segment(0xE1, EXIF + bytes(60_000)) * 40, segment(0xE1, EXIF) * 9000),
    "empty chunks": png_with(chunk(b"prVt") * 350_000),
    "empty chunks behind": png(size=SMALL, after=[chunk(b"prVt") * 350_000]),
    "profiles": png_with(chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(1_000_000))) * 101),
    "pixels byte by byte": png_with(chunk(b"IDAT") * 350_000),
}


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY)
def test_what_would_take_minutes_is_refused_before_a_pixel_is_read(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(images, "to_rgb")
    assert len(data) < IMAGE_LIMIT_BYTES
    assert refused(data).code == "too_complex"


WORTH_THEIR_COST = {
    "twelve scans at the limit of pixels": of_scans(PROGRESSIVE, HUGE, scan(ALL, (0, 0)) * 12),
    "a thumbnail of scans": with_segments(JPEG, segment(0xE5, scan(ALL) * 3000)),
    "a second image of scans": JPEG + of_scans(PROGRESSIVE, (9, 9), scan(ALL, (0, 0)) * 50_000),
    "fill bytes": with_segments(JPEG, b"\xff" * 50_000),
    "1500 segments": with_segments(JPEG, segment(0xE5, b"x") * 1500),
    "20,000 chunks": png_with(chunk(b"prVt") * 20_000),
    "a thousand short texts": png_with(chunk(b"iTXt", b"k\0\0\0\0\0text") * 1000),
}


@pytest.mark.parametrize("data", WORTH_THEIR_COST.values(), ids=WORTH_THEIR_COST)
def test_what_costs_no_more_than_a_large_image_is_let_through(data: bytes) -> None:
    with images.opened(data) as image:
        assert image.size in {SMALL, HUGE}


@pytest.mark.parametrize(
    ("frame", "first", "count"),
    [(SEQUENTIAL, ALL, 1), (ARITHMETIC, ALL, 1), (SEQUENTIAL, (1, 2), 2000), (PROGRESSIVE, ALL, 2000)],
    ids=["sequential", "arithmetic", "sequential in parts", "progressive"],
)
def test_scans_are_counted_where_the_first_is_not_the_whole_image(
    frame: int, first: tuple[int, ...], count: int
) -> None:
    data = of_scans(frame, (64, 64), scan(first), scan(ALL, (0, 0)) * 1999)
    assert examined(data).scans_count == count
    if count == 1:  # libjpeg takes no second one, and Pillow says so
        with pytest.raises(ImageError, match="broken data stream"):
            images.decode(data)


def test_exif_is_never_taken_apart() -> None:
    """Pillow looks there for a resolution, and notes one whether it finds any or not."""
    with images.opened(exif_bomb()) as image:
        assert "exif" in image.info
        assert "dpi" not in image.info


FORMATS = {
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"RIFF\0\0\0\0WEBP": "WebP",
    b"\0\0\0\x20ftypavif": "AVIF",
    b"\0\0\0\x20ftypheic": "HEIC",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000",
    b"\xff\x0a": "JPEG XL",
    b'<?xml version="1.0"?>\n<svg>': "SVG",
    b"%PDF-1.7": "PDF",
}


@pytest.mark.parametrize(("start", "name"), FORMATS.items(), ids=FORMATS.values())
def test_a_format_that_is_not_supported_is_named(start: bytes, name: str) -> None:
    found = refused(start + bytes(100))
    assert found.message == f"the image is neither JPEG nor PNG, but {name}"
    assert found.code == "unsupported_format"


# Bytes a pixel, as Pillow and libjpeg hold them at their most.
NEEDS = {
    "png-rgb": (png(2), 4),
    "png-rgba": (png(6), 8),
    "png-grey": (png(0), 5),
    "png-text": (png(2, size=(1032, 7), before=[chunk(b"zTXt", b"k\0\0" + zlib.compress(b"ab", 0))]), 4 + 16 / 7),
    "jpeg": (jpeg(), 4),
    "jpeg-progressive-4:2:0": (jpeg(progressive=True, subsampling="4:2:0"), 7),
    "jpeg-progressive-4:4:4": (jpeg(progressive=True, subsampling="4:4:4"), 10),
    "jpeg-progressive-cmyk": (jpeg("CMYK", progressive=True, subsampling="4:4:4"), 12),
    "jpeg-cmyk": (jpeg("CMYK"), 8),
    "jpeg-progressive-of-one-scan": (of_scans(PROGRESSIVE, SMALL, scan(ALL, (0, 0))), 12),
}


@pytest.mark.parametrize(("data", "pixel_bytes"), NEEDS.values(), ids=NEEDS)
def test_what_an_image_needs_is_known_before_it_is_decoded(data: bytes, pixel_bytes: int) -> None:
    with images.opened(data) as image:
        assert room.needed_bytes(image, (0, 0), examined(data)) == image.width * image.height * pixel_bytes


def test_an_image_that_does_not_fit_is_refused_and_one_that_just_does_is_not() -> None:
    large = of_scans(PROGRESSIVE, (4096, 1024), scan(ALL, (0, 0)), scan((1,), (1, 63)))  # 48 MB
    error = refused(large, 47 * MIB)
    assert error.code == "too_many_pixels"
    assert error.message == "the image takes 48 MB to decode, and of this function's memory there are 47 MB"
    assert pipeline("fast", 256, 48 * MIB).decode(large).size == (4096, 1024)


def test_room_is_what_the_limit_leaves_and_never_nothing() -> None:
    assert room.room_bytes(None) is None
    assert room.room_bytes(1) == room.LEAST_BYTES
    left = room.room_bytes(1 << 40)
    assert left is not None
    assert left < (1 << 40) - room.RESERVE_BYTES
