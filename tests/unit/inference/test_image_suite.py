"""A suite of made PNGs, and of files cut or longer: each gives the pixels that torchvision is given

Or it is refused, where Pillow fails as well."""

from __future__ import annotations

import struct
import zlib

import pytest

from hostile_images import (
    COLOURS,
    HEIGHT,
    PNG_SIGNATURE,
    WIDTH,
    ancillary,
    animated,
    chunk,
    chunks,
    frame_control,
    header,
    jpeg,
    pixels_of,
    png,
)
from image_modes import MAKERS
from reference_images import EXACT, FAST, assert_as_reference, assert_same_bits
from resnet_bench.errors import ImageError

KINDS = [(colour, depth) for colour, (_, _, depths) in COLOURS.items() for depth in depths]
kinds = pytest.mark.parametrize(("colour", "depth"), KINDS, ids=[f"{COLOURS[c][0]}-{d}" for c, d in KINDS])


@kinds
@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (1, 1), (3, 300)], ids=str)
def test_every_kind_of_png_is_classified(colour: int, depth: int, size: tuple[int, int], *, interlaced: bool) -> None:
    assert_same_bits(png(colour, depth, size=size, interlaced=interlaced))


@kinds
def test_transparency_in_whatever_form_is_as_in_the_reference(colour: int, depth: int) -> None:
    for body in (b"", b"\0", bytes(range(200)), struct.pack(">H", 3), struct.pack(">3H", 3, 2, 1)):
        assert_as_reference(png(colour, depth, before=[chunk(b"tRNS", body)]))


@pytest.mark.parametrize(("name", "extra"), ancillary().items(), ids=ancillary())
def test_what_a_png_says_beside_its_pixels_is_as_in_the_reference(name: str, extra: bytes) -> None:
    for colour, depth in KINDS:
        assert_as_reference(png(colour, depth, before=[extra]))
    assert_same_bits(png(before=[extra]))
    assert_as_reference(png(after=[extra]))
    assert_as_reference(png(before=[extra, extra]))
    assert_as_reference(png(before=[chunk(name.encode())]))


@pytest.mark.parametrize("operations", range(6))
@pytest.mark.parametrize("default_is_a_frame", [True, False])
def test_of_an_animation_the_default_image_is_classified(operations: int, *, default_is_a_frame: bool) -> None:
    data = animated(default_is_a_frame=default_is_a_frame, operations=operations)
    assert_as_reference(data, classified=True)
    assert EXACT.decode(data).image.tobytes() == EXACT.decode(png()).image.tobytes()


def test_animations_that_break_their_own_rules_are_as_in_the_reference() -> None:
    control = chunk(b"acTL", struct.pack(">II", 2, 0))
    for before in ([control, control], [control, frame_control(7)], [control, frame_control(0, (9, 9), 60)], [control]):
        assert_as_reference(png(before=before))
    assert_as_reference(png(before=[chunk(b"acTL", bytes(8))]))
    assert_as_reference(png(after=[control, frame_control(0)]))


@pytest.mark.parametrize("split", [1, 7, 8192])
def test_pixels_in_many_chunks_are_classified(split: int) -> None:
    assert_as_reference(png(split=split), classified=True)


@pytest.mark.parametrize("size", [(0, 9), (9, 0), (0, 0), (2**31, 1), (2**31 - 1, 2**31 - 1), (1, 2**31)], ids=str)
def test_sizes_that_no_image_has_are_refused(size: tuple[int, int]) -> None:
    data = PNG_SIGNATURE + header(*size) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND")
    for steps in (EXACT, FAST):
        with pytest.raises(ImageError) as caught:
            steps.decode(data)
        assert caught.value.code in {"corrupt_image", "too_many_pixels"}


@pytest.mark.parametrize("colour", [1, 5, 7, 255])
@pytest.mark.parametrize("depth", [0, 3, 8, 32])
def test_kinds_that_there_are_not_are_as_in_the_reference(colour: int, depth: int) -> None:
    pixels = chunk(b"IDAT", zlib.compress(pixels_of(WIDTH, HEIGHT, 24)))
    assert_as_reference(
        PNG_SIGNATURE + header(WIDTH, HEIGHT, depth, colour) + pixels + chunk(b"IEND"), classified=False
    )


def test_an_error_in_any_chunks_checksum_is_as_in_the_reference() -> None:
    whole = png(3, before=[*ancillary().values(), chunk(b"tRNS", b"\1")], split=500, after=[ancillary()["tIME"]])
    seen = set()
    for name, begin, end in chunks(whole):
        for at in (begin + 8, end - 1):  # its content, or the checksum itself
            assert_as_reference(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        seen.add(name)
    assert {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP", b"tIME"} <= seen


def test_chunks_left_out_or_out_of_order_are_as_in_the_reference() -> None:
    whole = png(3, before=[chunk(b"tRNS", b"\1")], split=500)
    parts = [whole[begin:end] for _, begin, end in chunks(whole)]
    for number in range(len(parts)):
        assert_as_reference(PNG_SIGNATURE + b"".join(parts[:number] + parts[number + 1 :]))
        assert_as_reference(PNG_SIGNATURE + b"".join(parts[number:] + parts[:number]))


WHOLE = {
    **{name: make(WIDTH, HEIGHT) for name, make in MAKERS.items()},
    "png-interlaced": png(6, 16, interlaced=True),
    "png-animated-apart": animated(default_is_a_frame=False),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_a_file_cut_anywhere_is_as_in_the_reference(data: bytes) -> None:
    places = {*range(0, len(data), max(1, len(data) // 25)), *range(len(data) - 20, len(data)), 2, 3, 8, 9, 33}
    for place in places:
        assert_as_reference(data[:place])
    assert_as_reference(data[: len(data) // 4], classified=False)


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize(
    "tail", [b"\0", b"\xff", b"text " * 1000, jpeg(), png()], ids=["0", "ff", "text", "jpeg", "png"]
)
def test_bytes_behind_the_image_do_not_matter(data: bytes, tail: bytes) -> None:
    assert_as_reference(data + tail, classified=True)
    assert EXACT.decode(data + tail).image.tobytes() == EXACT.decode(data).image.tobytes()


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_bytes_before_the_image_make_it_none(data: bytes) -> None:
    for junk in (b"\0", b"\n", b"\xff", b"\xef\xbb\xbf"):
        assert_as_reference(junk + data, classified=False)
