"""What cannot be classified is refused where it was chosen: by the browser if it can know, else by the server."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from browsers import Opener
from page_world import CAT, World, page_world
from resnet_bench.web.gallery import Gallery
from visitors import Visitor

pytestmark = pytest.mark.browser

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Most of this never reaches it."""
    with page_world(tmp_path_factory.mktemp("results")) as made:
        yield made


@pytest.fixture(scope="module")
def tab(opening: Opener, shared: World) -> Visitor:
    return Visitor(opening(shared.url, library=False))


@pytest.fixture
def visitor(tab: Visitor) -> Visitor:
    """On the page as it is when it has just been opened."""
    tab.page.reload()
    tab.opened.requests.clear()
    tab.opened.complaints.clear()
    return tab


def png() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "png")
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """https://www.w3.org/TR/png-3/#5Chunk-layout"""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_torn_comment(image: bytes) -> bytes:
    """A checksum before the pixels is wrong: browsers go on, Pillow refuses when it reads the header."""
    at = image.index(b"IDAT") - 4
    return image[:at] + chunk(b"tEXt", b"a\0b")[:-4] + bytes(4) + image[at:]


def with_torn_pixels(image: bytes) -> bytes:
    """The checksum of the compressed pixels is wrong: browsers go on, Pillow refuses when it decodes them."""
    at = image.index(b"IDAT") - 4
    (length,) = struct.unpack(">I", image[at : at + 4])
    return image[:at] + chunk(b"IDAT", image[at + 8 : at + 8 + length - 4] + bytes(4)) + image[at + 12 + length :]


def refused(visitor: Visitor, path: Path, content: bytes) -> str:
    """What stands beside the chooser after ``content`` was chosen under this name."""
    path.write_bytes(content)
    visitor.choose(path)
    visitor.until("#chooser-problem", path.name)
    assert visitor.page.locator("#chooser-problem").get_attribute("role") == "alert"
    assert visitor.text("#preview") == "", "there is nothing to look at"
    return visitor.text("#chooser-problem")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("letter.jpg", b"Dear reader", "neither a JPEG nor a PNG"),
        ("animation.png", b"GIF89a" + bytes(100), "neither a JPEG nor a PNG"),
        ("empty.png", b"", "is empty"),
        ("torn.jpg", b"\xff\xd8\xff\xe0" + bytes(2000), "is damaged"),
        ("torn.png", CAT.read_bytes()[:60_000], "is damaged"),
        ("large.jpg", b"\xff\xd8\xff\xe0" + bytes(5 * MIB - 4), "has 5.2 MB; at most 4.7 MB can be sent to a Lambda"),
    ],
)
def test_the_browser_refuses(visitor: Visitor, tmp_path: Path, name: str, content: bytes, words: str) -> None:
    assert words in refused(visitor, tmp_path / name, content)
    assert not [url for url in visitor.opened.requests if "/classify?" in url]
    assert visitor.opened.complaints == []


def test_what_cannot_be_read_is_said_to_be_so(visitor: Visitor, tmp_path: Path) -> None:
    # A dropped folder, say.
    visitor.opened.js(
        "void (Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError')))"
    )
    assert "cannot be read" in refused(visitor, tmp_path / "holidays", png())


def test_a_photograph_is_known_by_its_bytes_and_not_by_its_name(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "holiday.txt"
    path.write_bytes(png())
    visitor.choose(path)
    visitor.until("#preview-facts", "64 x 64 pixels")


def test_after_a_refusal_nothing_is_chosen_until_the_next_good_one(visitor: Visitor, tmp_path: Path) -> None:
    visitor.take("chelsea.png")
    path = tmp_path / "letter.jpg"
    path.write_bytes(b"Dear reader")
    visitor.choose(path)
    visitor.until("#chooser-problem", "letter.jpg")
    assert visitor.text("#preview") == ""
    visitor.page.click("#classify")
    assert "letter.jpg" in visitor.text("#chooser-problem"), "nothing else is classified in its place"
    assert not [url for url in visitor.opened.requests if "/classify?" in url]
    visitor.take("rocket.jpg")
    assert visitor.text("#chooser-problem") == ""


def test_what_was_chosen_last_is_classified_though_it_still_comes(
    visitor: Visitor, shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.take("chelsea.png")
    sent, read = threading.Event(), Gallery.photo

    def slowly(gallery: Gallery, name: str) -> bytes:
        assert sent.wait(30)
        return read(gallery, name)

    monkeypatch.setattr(Gallery, "photo", slowly)
    visitor.page.click("button[data-sample='rocket.jpg']")
    visitor.page.click("#classify")
    visitor.until("#status", "Reading the photograph")
    sent.set()
    visitor.until("#asked-name", "rocket.jpg")
    visitor.until("#status", "done")
    visitor.until_history(len(shared.done))
    assert visitor.history()[0][1] == "rocket.jpg"


def test_the_same_file_can_be_chosen_again_when_it_is_mended(visitor: Visitor, tmp_path: Path) -> None:
    refused(visitor, tmp_path / "photo.png", b"not yet")
    (tmp_path / "photo.png").write_bytes(png())
    visitor.choose(tmp_path / "photo.png")
    visitor.until("#preview-name", "photo.png")


def test_without_a_photograph_the_button_says_what_is_missing(visitor: Visitor) -> None:
    visitor.page.click("#classify")
    visitor.until("#chooser-problem", "There is no photograph yet.")


def test_the_server_refuses_what_only_it_can_know_beside_the_chooser(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "torn.png"
    path.write_bytes(with_torn_comment(png()))
    visitor.choose(path)
    visitor.until("#preview-name", "torn.png")
    visitor.page.click("#classify")
    visitor.until("#chooser-problem", "the image is damaged")
    assert visitor.page.locator("#classify").is_enabled()
    assert visitor.text("#status") == ""


def test_what_is_found_out_when_it_is_decoded_is_said_where_the_answer_was_to_come(
    visitor: Visitor, shared: World, tmp_path: Path
) -> None:
    path = tmp_path / "torn.png"
    path.write_bytes(with_torn_pixels(png()))
    visitor.choose(path)
    visitor.until("#preview-name", "torn.png")
    visitor.classify()
    visitor.until("#answer-problem", "the image is damaged")
    assert visitor.text("#status") == "Not classified"
    assert visitor.text("#measuring") == ""
    assert path.name not in shared.local.calls + shared.remote.calls, "neither side was asked"


def test_a_name_is_shown_as_text(visitor: Visitor, shared: World, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.png"
    assert "<img" in refused(visitor, path, b"no image")
    path.write_bytes(png())
    visitor.choose(path)
    visitor.until("#preview-name", "<img")
    visitor.classify()
    visitor.until("#status", "done")
    visitor.until_history(len(shared.done))
    assert "<img" in visitor.history()[0][1]
    assert visitor.opened.complaints == []
