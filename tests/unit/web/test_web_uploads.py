"""Uploads: judged by their bytes, named for people only, and readable by another process without being on disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_images import ALL, PROGRESSIVE, of_scans, scan
from page_world import CAT, ROCKET
from resnet_bench import wire
from resnet_bench.errors import ImageError
from resnet_bench.web.uploads import display_name, receive

CAT_BYTES = CAT.read_bytes()


def test_what_an_image_says_of_itself_is_read_without_decoding_it() -> None:
    half = CAT_BYTES[: len(CAT_BYTES) // 2]
    upload = receive("x.png", half)
    assert (upload.image.width, upload.image.height, upload.image.format) == (451, 300, "PNG")
    assert upload.image.size_bytes == len(half)


def test_the_format_is_that_of_the_content_whatever_the_name() -> None:
    assert receive("cat.gif", ROCKET.read_bytes()).image.format == "JPEG"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "corrupt_image"),
        (b"GIF89a" + bytes(100), "unsupported_format"),
        (b"<svg onload=alert(1)>", "unsupported_format"),
        (b"\xff\xd8\xff" + bytes(wire.IMAGE_LIMIT_BYTES), "image_too_large"),
        (b"\xff\xd8\xff", "corrupt_image"),
        (of_scans(PROGRESSIVE, (5000, 5000), scan(ALL, (0, 0)) * 1000), "too_complex"),
    ],
)
def test_what_is_no_image_for_a_lambda_is_refused_with_its_code(data: bytes, code: str) -> None:
    with pytest.raises(ImageError) as refused:
        receive("x.jpg", data)
    assert refused.value.code == code
    assert refused.value.hint


def test_another_process_reads_the_image_and_afterwards_it_is_nowhere() -> None:
    upload = receive("cat.png", CAT_BYTES)
    with upload.photo() as photo:
        path = photo.path
        code = f"import hashlib; print(hashlib.sha256(open({path!r}, 'rb').read()).hexdigest())"
        read = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert read.stdout.strip() == upload.image.sha256
    assert not Path(path).exists()


@given(st.text())
def test_a_name_is_short_printable_and_no_path(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 80
    assert shown.isprintable()
    assert "/" not in shown
    assert "\\" not in shown


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\cat.jpg", "cat.jpg"),
        ("cat\x1b[31m.jpg", "cat[31m.jpg"),
        ("", "image"),
        ("folder/", "image"),
        ("Katze \N{SMILING FACE WITH SUNGLASSES}.png", "Katze \N{SMILING FACE WITH SUNGLASSES}.png"),
    ],
)
def test_names(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown
