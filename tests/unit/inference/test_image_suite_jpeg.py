"""A suite of made JPEGs: each gives the pixels that torchvision is given, or is refused where Pillow fails as well."""

from __future__ import annotations

import struct

import pytest

from hostile_images import (
    ALL,
    ARITHMETIC,
    HEIGHT,
    PROGRESSIVE,
    SEQUENTIAL,
    WIDTH,
    adobe,
    chunk,
    exif,
    jpeg,
    of_scans,
    png,
    profile,
    scan,
    segment,
    with_segments,
)
from image_modes import MAKERS
from reference_images import EXACT, assert_as_reference


@pytest.mark.parametrize("orientation", [*range(10), 65535])
def test_every_orientation_is_left_as_stored(orientation: int) -> None:
    for mode in ("L", "RGB", "CMYK"):
        data = jpeg(mode, exif=exif(orientation))
        assert_as_reference(data, classified=True)
        assert EXACT.decode(data).size == (WIDTH, HEIGHT)
    assert_as_reference(png(before=[chunk(b"eXIf", exif(orientation)[6:])]), classified=True)


SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_kind_of_jpeg_is_classified(mode: str, *, progressive: bool) -> None:
    for subsampling in SUBSAMPLINGS if mode != "L" else (0,):
        for more in ({}, {"restart_marker_blocks": 3}, {"icc_profile": profile()}):
            for quality in (1, 75, 100):
                options = {"progressive": progressive, "subsampling": subsampling, "quality": quality, **more}
                assert_as_reference(jpeg(mode, **options), classified=True)


@pytest.mark.parametrize("transform", [0, 1, 2, 9])
@pytest.mark.parametrize("mode", ["CMYK", "RGB"])
def test_whatever_adobe_says_of_the_colours_is_as_in_the_reference(mode: str, transform: int) -> None:
    if mode == "CMYK":
        assert_as_reference(adobe(jpeg("CMYK"), transform), classified=True)
    else:
        body = b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform)
        assert_as_reference(
            with_segments(jpeg()[:2] + jpeg()[20:], segment(0xEE, body)), classified=True
        )  # without JFIF


def test_red_green_and_blue_themselves_are_classified() -> None:
    assert_as_reference(jpeg(keep_rgb=True), classified=True)


INSERTED = {
    "comment": segment(0xFE, b"text"),
    "nothing": segment(0xFE),
    "fill bytes": b"\xff" * 500,
    "junk": b"junk",
    "stuffed": b"\xff\0",
    "restart": b"\xff\xd3",
    "start": b"\xff\xd8",
    "end": b"\xff\xd9",
    "too short": b"\xff\xe5\0\1",
    "too long": b"\xff\xe5\xff\xff",
    "unknown": b"\xff\2\0\2",
    "extension": b"\xff\xf3",
    "frame": segment(SEQUENTIAL, b"\x08\0\x09\0\x09\1\1\x11\0"),
    "lines": segment(0xDC, b"\0\x09"),
    "no profile": segment(0xE2, b"ICC_PROFILE\0\1\2" + b"profile"),
    "profile twice": segment(0xE2, b"ICC_PROFILE\0\1\1" + profile()) * 2,
    "photoshop": segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x7f"),
    "multi-picture": segment(0xE2, b"MPF\0MM\0*\0\0\0\x08" + bytes(20)),
    "exif": segment(0xE1, b"Exif\0\0" + bytes(20)),
    "xmp": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
    "many": segment(0xE5, b"x" * 100) * 1000,
}


@pytest.mark.parametrize("inserted", INSERTED.values(), ids=INSERTED)
def test_what_stands_before_the_scan_is_as_in_the_reference(inserted: bytes) -> None:
    for data in (jpeg(), jpeg(progressive=True), jpeg("CMYK"), MAKERS["jpeg-MPO"](WIDTH, HEIGHT)):
        assert_as_reference(with_segments(data, inserted))
        at = data.index(b"\xff\xda")
        assert_as_reference(data[:at] + inserted + data[at:])


SCANS = {
    "dark": (SEQUENTIAL, [scan(ALL)]),
    "repeated": (SEQUENTIAL, [scan((1, 2)), scan((3, 4)), scan((1,))] * 5),
    "progressive": (PROGRESSIVE, [scan(ALL, (0, 0)), *(scan((each,), (1, 63)) for each in ALL)]),
    "refined": (PROGRESSIVE, [scan(ALL, (0, 0), 1), scan(ALL, (0, 0), 0x10), scan((2,), (1, 5), 0x21)]),
    "arithmetic": (ARITHMETIC, [scan(ALL), b"\0\0\x12\x34"]),
    "arithmetic, progressive": (0xCA, [scan(ALL, (0, 0)), b"\x12\x34", scan((1,), (1, 63)), b"\x12\x34"]),
    "lossless": (0xC3, [scan(ALL, (1, 0))]),
    "hierarchical": (0xC5, [scan(ALL)]),
    "wrong spectrum": (PROGRESSIVE, [scan(ALL, (5, 3))]),
    "no such component": (SEQUENTIAL, [scan((9,))]),
    "none": (SEQUENTIAL, []),
}


@pytest.mark.parametrize(("marker", "scans"), SCANS.values(), ids=SCANS)
def test_scans_of_every_kind_are_as_in_the_reference(marker: int, scans: list[bytes]) -> None:
    for components in (1, 2, 3, 4, 5):
        assert_as_reference(of_scans(marker, (WIDTH, HEIGHT), *scans, components=components))
    assert_as_reference(of_scans(marker, (WIDTH, 0), *scans))
    assert_as_reference(of_scans(marker, (0, HEIGHT), *scans))


@pytest.mark.parametrize("precision", [0, 2, 12, 16])
def test_other_than_8_bits_of_a_jpeg_are_as_in_the_reference(precision: int) -> None:
    data = jpeg()
    at = data.index(b"\xff\xc0") + 4
    assert_as_reference(data[:at] + bytes([precision]) + data[at + 1 :], classified=False)
