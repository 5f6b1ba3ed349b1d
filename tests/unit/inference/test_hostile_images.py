"""Files that are not images, or are worse: always an ImageError with its code, never a warning, never a crash.

Whatever holds of the exact decoding holds of the fast one: ``code_of`` asks both.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hostile_images import chunk
from resnet_bench.errors import ImageError
from resnet_bench.inference import images
from resnet_bench.inference.images import Decoded, load
from resnet_bench.inference.pipelines import Pipeline, pipeline

BOTH = (pipeline("exact", 256), pipeline("fast", 256))
pipelines = pytest.mark.parametrize("steps", BOTH, ids=["exact", "fast"])


def saved(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


PNG, JPEG = saved("PNG"), saved("JPEG")
# So large that the fast decoding reduces it.
LARGE_JPEG = saved("JPEG", (1100, 600))


def png_with(*before_pixels: bytes) -> bytes:
    header_ends = 8 + 25  # signature and IHDR
    return PNG[:header_ends] + b"".join(before_pixels) + PNG[header_ends:]


def png_claiming(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return PNG[:8] + header + PNG[8 + 25 :]


def jpeg_claiming(width: int, height: int) -> bytes:
    start = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:start] + struct.pack(">HH", height, width) + JPEG[start + 4 :]


def code_of(data: bytes) -> str:
    """Of the exact decoding's refusal; the fast one's is the same."""
    exact, fast = (refusal(data, steps) for steps in BOTH)
    assert (exact.message, exact.hint, exact.code) == (fast.message, fast.hint, fast.code)
    return exact.code


def refusal(data: bytes, steps: Pipeline) -> ImageError:
    with pytest.raises(ImageError) as caught:
        steps.decode(data)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


DAMAGED = {
    "nothing": b"",
    "png-signature": PNG[:8],
    "png-header-cut": PNG[:30],
    "png-half": PNG[: len(PNG) // 2],
    "png-bad-crc": PNG[:20] + b"\xff" + PNG[21:],
    "png-bad-pixels": PNG[:60] + bytes(20) + PNG[80:],
    "png-text-bomb": png_with(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(20_000_000)))),
    "png-international-text-bomb": png_with(chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(20_000_000)))),
    "jpeg-signature": JPEG[:3],
    "jpeg-half": JPEG[: len(JPEG) // 2],
    "jpeg-end-cut": JPEG[:-20],
    "large-jpeg-half": LARGE_JPEG[: len(LARGE_JPEG) // 2],
    "large-jpeg-end-cut": LARGE_JPEG[:-20],
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_corrupt_images(data: bytes) -> None:
    assert code_of(data) == "corrupt_image"


@pytest.mark.parametrize("data", [b"hello, I am text called .jpg", b"GIF89a" + bytes(50), b"BM" + bytes(50), b"\0"])
def test_what_is_neither_jpeg_nor_png_is_an_unsupported_format(data: bytes) -> None:
    assert code_of(data) == "unsupported_format"


@pytest.mark.parametrize("data", [png_claiming(30_001, 1000), jpeg_claiming(60_000, 60_000), png_claiming(2**30, 9)])
def test_a_bomb_is_refused_by_its_header_before_anything_is_decoded(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(images, "to_rgb")
    assert code_of(data) == "too_many_pixels"


def test_the_limit_itself_is_allowed() -> None:
    assert code_of(png_claiming(30_000, 1000)) == "corrupt_image"  # refused only later, for want of pixels


@pipelines
def test_an_image_too_long_and_thin_to_resize_is_refused_before_resizing(steps: Pipeline) -> None:
    with pytest.raises(ImageError, match="long and thin") as caught:
        steps.preprocess(Decoded(Image.new("RGB", (1, 20_000)), (1, 20_000), "PNG"))
    assert caught.value.code == "too_many_pixels"


@settings(max_examples=300, deadline=None)
@given(
    original=st.sampled_from([PNG, JPEG, LARGE_JPEG]),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.floats(0.05, 1),
)
def test_whatever_is_done_to_a_file_it_decodes_or_is_an_image_error(
    original: bytes, edits: list[tuple[float, int]], cut: float
) -> None:
    data = bytearray(original)
    for where, value in edits:
        data[int(where * len(data))] = value
    damaged = bytes(data[: int(cut * len(data)) + 1])
    exact, fast = (outcome(damaged, steps) for steps in BOTH)
    assert exact in {"RGB", "corrupt_image", "unsupported_format", "too_many_pixels"}
    assert fast == exact


def outcome(data: bytes, steps: Pipeline) -> str:
    """The decoded image's mode, or the code of the refusal."""
    try:
        return steps.decode(data).image.mode
    except ImageError as error:
        return error.code


@settings(max_examples=200, deadline=None)
@given(magic=st.sampled_from([b"", *images._SIGNATURES]), tail=st.binary(max_size=200))
def test_arbitrary_bytes_are_an_image_error(magic: bytes, tail: bytes) -> None:
    assert code_of(magic + tail) in {"corrupt_image", "unsupported_format", "too_many_pixels"}


@pipelines
def test_damaged_metadata_does_not_matter_and_no_warning_leaks(steps: Pipeline) -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x1a\x01\x05\0\xff\xff\xff\xff\xff\xff\xff\xff" * 3
    data = JPEG[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + JPEG[2:]
    assert steps.decode(data).size == (40, 30)


@pipelines
def test_running_out_of_memory_is_not_the_images_fault(steps: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(image: Image.Image) -> Image.Image:
        raise MemoryError

    monkeypatch.setattr(images, "to_rgb", exhausted)
    with pytest.raises(MemoryError):
        steps.decode(PNG)


def test_loading_a_file_gives_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(PNG)
    assert load(file) == PNG


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such image") as caught:
        load(tmp_path / "none.jpg")
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("kind", ["folder", "loop", "empty"])
def test_a_folder_an_unreadable_and_an_empty_file_say_what_they_are(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    else:
        path.symlink_to(path)
    with pytest.raises(ImageError) as caught:
        load(path)
    expected = {"folder": "is a folder", "empty": "is empty", "loop": "cannot read"}
    assert expected[kind] in caught.value.message
    assert caught.value.code == ("corrupt_image" if kind == "empty" else "unreadable")


def test_a_file_that_the_kernel_makes_is_read_no_further_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 1024)
    made = Path("/proc/self/smaps")
    assert made.stat().st_size == 0, "it says that it is empty"
    with pytest.raises(ImageError, match="larger than 0 MB") as caught:
        load(made)
    assert caught.value.code == "image_too_large"


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.jpg"))
        server.listen()
        for path, kind in (
            (tmp_path / "pipe.jpg", "is not a file but a pipe"),
            (tmp_path / "socket.jpg", "cannot read"),
            (Path("/dev/zero"), "is not a file but a device"),
        ):
            with pytest.raises(ImageError, match=kind) as caught:
                load(path)
            assert caught.value.code == "unreadable"
            assert caught.value.hint


def test_decoding_loads_no_plugin_but_jpeg_and_png() -> None:
    code = (
        "import sys; from resnet_bench.inference import images\n"
        "images.decode(open(sys.argv[1], 'rb').read())\n"
        "print(sorted(m for m in sys.modules if m.startswith('PIL.') and m.endswith('Plugin')))"
    )
    read, write = os.pipe()
    os.write(write, JPEG)
    os.close(write)
    done = subprocess.run(
        [sys.executable, "-c", code, f"/dev/fd/{read}"], pass_fds=[read], capture_output=True, text=True, check=True
    )
    os.close(read)
    assert done.stdout.strip() == "['PIL.JpegImagePlugin', 'PIL.PngImagePlugin']"
