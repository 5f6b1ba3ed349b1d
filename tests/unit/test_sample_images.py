"""Every sample photograph is accounted for in images/SOURCES.md, and together they cover what users send."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

IMAGES = Path(__file__).parents[2] / "images"
LAMBDA_LIMIT_BYTES = 4_700_000  # Lambda takes 6 MB a request; base64 adds a third and JSON a little


@dataclass(frozen=True)
class Row:
    file: str
    width: int
    height: int
    size_bytes: int
    author: str
    licence: str
    origin: str
    sha256: str


def table() -> list[Row]:
    rows = []
    for line in (IMAGES / "SOURCES.md").read_text().splitlines():
        if not line.startswith("| `"):
            continue
        file, pixels, size, _subject, author, licence, origin, digest = (
            cell.strip().strip("`") for cell in line.strip("|").split("|")
        )
        width, height = map(int, pixels.split(" x "))
        rows.append(Row(file, width, height, int(size), author, licence, origin, digest))
    return rows


ROWS = table()


def test_the_table_names_exactly_the_files_in_the_folder() -> None:
    shipped = sorted(path.name for path in IMAGES.iterdir() if path.name != "SOURCES.md")
    assert sorted(row.file for row in ROWS) == shipped


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_photograph_has_the_bytes_and_size_of_its_row(row: Row) -> None:
    data = (IMAGES / row.file).read_bytes()
    assert len(data) == row.size_bytes
    assert hashlib.sha256(data).hexdigest() == row.sha256
    with Image.open(IMAGES / row.file) as image:
        assert image.size == (row.width, row.height)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_photograph_decodes_as_what_its_name_says_and_fits_into_a_lambda_request(row: Row) -> None:
    with Image.open(IMAGES / row.file) as image:
        assert image.format == {".jpg": "JPEG", ".png": "PNG"}[Path(row.file).suffix]
        image.load()
    assert row.size_bytes < LAMBDA_LIMIT_BYTES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_photograph_has_an_author_an_origin_and_a_licence_that_lets_anyone_ship_it(row: Row) -> None:
    assert row.author
    assert row.origin
    assert re.match(r"\[?(CC0-1\.0|CC-BY-4\.0|CC-BY-SA-4\.0|BSD-3-Clause|LicenseRef-public-domain)\b", row.licence)


def test_the_set_covers_formats_shapes_and_sizes() -> None:
    assert {Path(row.file).suffix for row in ROWS} == {".jpg", ".png"}
    assert any(row.width > row.height for row in ROWS)
    assert any(row.width < row.height for row in ROWS)
    assert min(row.size_bytes for row in ROWS) < 250_000
    assert max(row.size_bytes for row in ROWS) > 3_000_000
    assert any((row.width, row.height) == (451, 300) for row in ROWS)
    assert any(row.file.endswith(".jpg") and 11e6 < row.width * row.height < 14e6 for row in ROWS)


def test_the_folder_stays_small_enough_to_clone() -> None:
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < 12_000_000
