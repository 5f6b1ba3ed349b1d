"""One function at several memory sizes, on a script."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from factories import make_answer, make_client
from resnet_bench.errors import AwsError
from resnet_bench.results.records import Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.scripted import ScriptedRunner
from resnet_bench.runners.sized import SizedRunner, sized

PHOTO = Photo("cat.jpg", "/nowhere/cat.jpg")
GOOD = Measurement(make_answer(side="remote"), make_client(0.2), Skipped("not seen"))


@dataclass
class Setting:
    """An endpoint of which only the memory setting is used; what exceeds ``most_mb`` is refused."""

    calls: list[str]
    most_mb: int = 10_240
    asked: list[int] = field(default_factory=list)

    def set_memory(self, memory_mb: int) -> None:
        self.asked.append(memory_mb)
        self.calls.append(f"{memory_mb} MB")
        if memory_mb > self.most_mb:
            raise AwsError("refused", code="ValidationException")


def runners(**setting: int) -> tuple[dict[int, SizedRunner], list[str], Setting]:
    below = ScriptedRunner("onnx", "remote", [GOOD])
    endpoint = Setting(below.calls, **setting)
    return sized(below, endpoint, (512, 1024, 4096)), below.calls, endpoint  # type: ignore[arg-type]


def test_the_size_is_set_before_a_call_and_only_where_it_is_another() -> None:
    at, calls, _ = runners()
    for size in (512, 512, 1024, 512):
        at[size].classify(PHOTO)
    assert calls == ["512 MB", "cat.jpg", "cat.jpg", "1024 MB", "cat.jpg", "512 MB", "cat.jpg"]


def test_a_cold_start_is_forced_at_the_size_that_it_is_of_and_once() -> None:
    at, calls, _ = runners()
    at[512].force_cold()
    assert calls == [], "the call itself changes what it needs changed"
    at[1024].classify(PHOTO)
    at[512].classify(PHOTO)
    at[512].classify(PHOTO)
    assert calls == ["1024 MB", "cat.jpg", "512 MB", "cold", "cat.jpg", "cat.jpg"]


def test_after_a_refused_size_the_setting_is_made_anew() -> None:
    at, calls, endpoint = runners(most_mb=3008)
    at[512].classify(PHOTO)
    with pytest.raises(AwsError, match="refused"):
        at[4096].classify(PHOTO)
    at[512].classify(PHOTO)
    assert endpoint.asked == [512, 4096, 512]
    assert calls.count("cat.jpg") == 2


def test_closing_one_size_leaves_the_runner_that_all_share_to_its_owner() -> None:
    below = ScriptedRunner("onnx", "remote", [GOOD])
    sized(below, Setting([]), (512,))[512].close()  # type: ignore[arg-type]
    assert not below.closed
