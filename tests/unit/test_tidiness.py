"""Files stay short, finished, and free of the folders of whoever wrote them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ["src", "tests", "benchmarks", "docs", "images", ".ci"]
TEXT = {".py", ".md", ".toml", ".json", ".html", ".js", ".css", ".csv", ".txt", ""}

# Bracketed, so that the patterns do not find themselves.
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.:/])/(hom[e]|User[s]|roo[t]|wor[k]|tmp/la[b])/\w")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_files() -> list[Path]:
    paths = [*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    return sorted(path for path in paths if path.is_file() and path.suffix in TEXT)


TEXT_FILES = text_files()


@pytest.mark.parametrize("path", [path for path in TEXT_FILES if path.suffix == ".py"], ids=relative)
def test_a_file_stays_under_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 300, "a file this long owns two subjects"


@pytest.mark.parametrize("pattern", [UNFINISHED, SOMEBODYS_FOLDER], ids=["unfinished", "folder"])
def test_nothing_unfinished_and_no_folder_of_an_author_is_left_behind(pattern: re.Pattern[str]) -> None:
    found = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in TEXT_FILES
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


@pytest.mark.parametrize(
    "left_behind", ["# TO" + "DO: later", "/ho" + "me/ann/x", "see /Us" + "ers/ann/x", "FIX" + "ME"]
)
def test_the_patterns_find_what_they_are_for(left_behind: str) -> None:
    assert UNFINISHED.search(left_behind) or SOMEBODYS_FOLDER.search(left_behind)
