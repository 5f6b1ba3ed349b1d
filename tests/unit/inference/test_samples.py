"""Sample images: how they are split, recognised and read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import IMAGES, PHOTO
from resnet_bench.errors import ImageError, UsageError
from resnet_bench.inference import images
from resnet_bench.inference.exports.samples import digest, in_folder, preprocessed, split
from resnet_bench.inference.pipelines import pipeline

NAMES = st.lists(st.text(min_size=1), min_size=2, max_size=120, unique=True)


@given(NAMES)
def test_the_split_is_a_partition_in_order_with_something_on_either_side(samples: list[str]) -> None:
    parts = split(samples)
    assert parts.calibration
    assert parts.held_out
    assert not {*parts.calibration} & {*parts.held_out}
    assert sorted((*parts.calibration, *parts.held_out), key=samples.index) == samples
    assert list(parts.calibration) == [sample for sample in samples if sample in parts.calibration]
    assert split(samples) == parts


@given(NAMES)
def test_a_quarter_is_held_out(samples: list[str]) -> None:
    assert len(split(samples).held_out) == max(1, len(samples) // 4)


@given(NAMES, NAMES)
def test_more_samples_leave_the_split_of_those_before_alone(samples: list[str], more: list[str]) -> None:
    """From four on: a folder that grows at its end still holds out the same images."""
    first = samples[: len(samples) // 4 * 4]
    if first:
        longer = split([*first, *(name for name in more if name not in first)])
        assert longer.held_out[: len(first) // 4] == split(first).held_out


def test_the_digest_is_of_contents_and_order(tmp_path: Path) -> None:
    first, second, copy = (str(tmp_path / name) for name in "abc")
    for path, content in ((first, "1"), (second, "2"), (copy, "1")):
        Path(path).write_text(content)
    assert digest([first, second]) == digest([copy, second])
    assert len({digest([first, second]), digest([second, first]), digest([first]), digest([first, copy])}) == 4


def test_the_digest_cannot_be_moved_from_one_file_to_the_next(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in "abcd"]
    for path, content in zip(paths, ("12", "3", "1", "23"), strict=True):
        Path(path).write_text(content)
    assert digest(paths[:2]) != digest(paths[2:])


def test_a_folders_images_come_by_name_and_nothing_else_does(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "c.jpeg", "notes.txt", "d.gif"):
        (tmp_path / name).touch()
    assert [Path(path).name for path in in_folder(tmp_path)] == ["a.png", "b.JPG", "c.jpeg"]
    assert all(Path(path).is_absolute() for path in in_folder(tmp_path))
    assert len(in_folder(IMAGES)) == 8


@pytest.mark.parametrize("count", [0, 1])
def test_a_folder_with_too_few_images_is_a_usage_error(count: int, tmp_path: Path) -> None:
    for number in range(count):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(UsageError, match=f"has {count} images"):
        in_folder(tmp_path)


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_is_a_usage_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"{name} is no folder"):
        in_folder(tmp_path / name)


def test_a_sample_is_preprocessed_as_any_other_image() -> None:
    expected = images.preprocess(images.decode(PHOTO.read_bytes()).image)
    assert preprocessed(str(PHOTO), pipeline("exact", 256)).tobytes() == expected.tobytes()


def test_a_sample_that_is_no_image_is_named(tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("hello")
    with pytest.raises(ImageError, match=rf"{text}: the image is neither JPEG nor PNG") as caught:
        preprocessed(str(text), pipeline("exact", 256))
    assert (caught.value.code, bool(caught.value.hint)) == ("unsupported_format", True)
