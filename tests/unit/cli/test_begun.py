"""An interrupted run's options made again: its file decides, and what contradicts it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from factories import make_deployment, make_enforcement, make_run, make_settings
from resnet_bench.cli.begun import Given, options_of, refuse_contradictions
from resnet_bench.cli.resuming import images_again, resume_command
from resnet_bench.errors import ResultError, UsageError
from resnet_bench.inference.image_ref import image_ref
from resnet_bench.inference.images import decode
from resnet_bench.results.run import ImageRef, Run

PHOTOS = [Path("cat.jpg")]
SETTINGS = make_settings(interval_s=30.0, raw_body=True, threads=2, limiter="cgroup-v2", weights="v2", decode="fast")
EMULATED = make_run(settings=SETTINGS)
CONTAINED = replace(EMULATED, deployment=make_deployment(enforcement=make_enforcement("container")))
AT_URL = replace(EMULATED, deployment=make_deployment(kind="url", region="eu-west-1"))
ON_AWS = replace(
    EMULATED,
    settings=replace(SETTINGS, via="invoke", memory_bytes=None),
    deployment=make_deployment(kind="aws", stack="mine", region="eu-west-1"),
)


def options(run: Run, **given: Any) -> Any:
    """As ``comparing`` asks for them."""
    refuse_contradictions(run, Given(given))
    return options_of(run, Given(given), PHOTOS)


def test_everything_is_as_the_run_was_begun() -> None:
    sides = options(EMULATED)
    assert (sides.threads, sides.weights, sides.limiter, sides.memory_mb, sides.seed) == (
        "2",
        "v2",
        "cgroup-v2",
        1024,
        1,
    )
    assert (sides.network.decode, sides.network.images) == ("fast", tuple(PHOTOS))
    assert (sides.remote.raw, sides.remote.via, sides.remote.url, sides.remote.stack) == (True, "http", None, None)


def test_a_stack_is_called_by_its_name_where_it_was() -> None:
    sides = options(ON_AWS, profile="me")
    assert (sides.remote.stack, sides.remote.region, sides.remote.profile) == ("mine", "eu-west-1", "me")
    assert (sides.remote.via, sides.memory_mb, sides.network.decode) == ("invoke", None, None)


SAME = {
    "runs": 60,
    "interval": 30.0,
    "memory": 1024,
    "threads": "2",
    "raw": True,
    "engine": ["torch", "onnx"],
    "cold": 3,
}
OTHER = {
    "runs": 61,
    "warmup": 9,
    "cold": 0,
    "interval": 1.0,
    "seed": 2,
    "memory": 512,
    "threads": "auto",
    "weights": "v1",
    "limiter": "throttle",
    "decode": "exact",
    "via": "invoke",
    "engine": ["onnx"],
    "precision": ["int8"],
    "save": Path("other.json"),
    "no_save": True,
    "url": "http://127.0.0.1:1",
    "stack": "another",
    "image": "resnet-bench:onnx",
}


@pytest.mark.parametrize("name", SAME)
def test_an_option_that_says_the_same_is_no_contradiction(name: str) -> None:
    assert options(EMULATED, **{name: SAME[name]}) == options(EMULATED)


@pytest.mark.parametrize("name", OTHER)
def test_an_option_that_contradicts_the_run_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match=f"--{'engine' if name == 'precision' else name.replace('_', '-')}") as caught:
        options(EMULATED, **{name: OTHER[name]})
    assert caught.value.hint


def test_another_stack_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="--stack is another"):
        options(ON_AWS, stack="another")


@pytest.mark.parametrize(("run", "name", "value"), [(AT_URL, "url", "http://x"), (CONTAINED, "image", "resnet:1")])
def test_what_no_result_keeps_has_to_be_given_again(run: Run, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"--{name}"):
        options(run)
    assert getattr(options(run, **{name: value}).remote, name) == value


# --- images -------------------------------------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In the current folder."""
    monkeypatch.chdir(tmp_path)
    source = Path(__file__).parents[3] / "images" / "chelsea.png"
    (tmp_path / "cat.png").write_bytes(source.read_bytes())
    return tmp_path / "cat.png"


def reference(path: Path) -> ImageRef:
    data = path.read_bytes()
    return image_ref(path.name, data, decode(data))


def test_images_are_found_in_this_folder_in_images_or_where_they_are_said_to_be(photo: Path) -> None:
    wanted = reference(photo)
    assert images_again([wanted], []) == [Path("cat.png")]
    for folder in ("images", "elsewhere"):
        Path(folder).mkdir()
        photo = photo.rename(Path(folder) / "cat.png")
        given = [photo] if folder == "elsewhere" else []
        assert images_again([wanted], given) == [photo]


def test_an_image_whose_name_cannot_be_printed_is_known_by_what_it_is_called_in_the_result(photo: Path) -> None:
    wanted, odd = replace(reference(photo), name="c\N{REPLACEMENT CHARACTER}t.png"), photo.rename("c\nt.png")
    assert images_again([wanted], [odd]) == [odd]


def test_an_image_that_is_another_by_now_or_is_gone_is_named(photo: Path) -> None:
    wanted = reference(photo)
    photo.write_bytes(b"another")
    with pytest.raises(ResultError, match=r"cat\.png: SHA-256 \w{12} -> SHA-256 \w{12}"):
        images_again([wanted], [])
    photo.unlink()
    with pytest.raises(ResultError, match=r"cat\.png: SHA-256 \w{12} -> not found"):
        images_again([wanted], [])


def test_an_image_that_is_none_of_the_runs_is_a_usage_error(photo: Path) -> None:
    with pytest.raises(UsageError, match=r"dog\.png"):
        images_again([reference(photo)], [Path("dog.png")])


def test_the_command_that_goes_on_names_the_images_only_where_it_would_not_find_them(photo: Path) -> None:
    begun, wanted = "resnet-bench compare --resume run.json", [reference(photo)]
    assert resume_command(Path("run.json"), wanted, [str(photo)]) == begun
    Path("my photos").mkdir()
    elsewhere = photo.rename(photo.parent / "my photos" / "cat.png")
    assert resume_command(Path("run.json"), wanted, [str(elsewhere)]) == f"{begun} '{elsewhere}'"
