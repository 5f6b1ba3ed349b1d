"""What int8 is calibrated on, in the order of preference."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from program import IMAGES
from resnet_bench.cli.network import NetworkOptions
from resnet_bench.cli.photos import samples_for
from resnet_bench.errors import UsageError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def folder(path: Path, count: int = 2) -> Path:
    path.mkdir()
    for number in range(count):
        shutil.copy(IMAGES / "chelsea.png", path / f"{number}.png")
    return path


def test_a_folder_that_was_named_comes_first_and_counts_as_chosen(here: Path) -> None:
    folder(here / "images")
    found = samples_for(NetworkOptions(calibrate=folder(here / "mine"), images=(Path("cat.jpg"),)))
    assert ([Path(path).parent.name for path in found.paths], found.chosen) == (["mine", "mine"], True)


def test_then_the_samples_then_what_is_to_be_classified(here: Path) -> None:
    classified = NetworkOptions(images=(Path("cat.jpg"), Path("dog.jpg")))
    found = samples_for(classified)
    assert (found.paths, found.chosen) == ((str(here / "cat.jpg"), str(here / "dog.jpg")), False)
    folder(here / "images")
    assert [Path(path).name for path in samples_for(classified).paths] == ["0.png", "1.png"]


def test_a_folder_with_too_few_is_refused(here: Path) -> None:
    with pytest.raises(UsageError, match="has 1 images"):
        samples_for(NetworkOptions(calibrate=folder(here / "mine", 1)))
