"""What ``load`` is asked for, and which levels fit this machine."""

from __future__ import annotations

import pytest

from resnet_bench.cli.load import parse_duration, parse_levels
from resnet_bench.errors import UsageError
from resnet_bench.sandbox.memory import available_bytes


@pytest.mark.parametrize(
    ("text", "levels"), [("1,2,4,8", (1, 2, 4, 8)), ("8, 1", (1, 8)), ("3", (3,)), ("2,2,1", (1, 2)), ("256", (256,))]
)
def test_levels_are_numbers_with_commas_in_rising_order(text: str, levels: tuple[int, ...]) -> None:
    assert parse_levels(text) == levels


@pytest.mark.parametrize("text", ["", "0", "-1", "1,", "a", "1.5", "257", "1;2", "\N{SUPERSCRIPT TWO}", "1 2"])
def test_anything_else_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(UsageError, match="--concurrency is") as caught:
        parse_levels(text)
    assert "--locust" in caught.value.hint


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("30", 30), ("2m", 120), ("2 min", 120), ("2.5s", 2.5)])
def test_a_duration_is_in_seconds_or_minutes(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "1s", "0", "-5s", "5h", "s", "nan", "1e3s", "30 sec"])
def test_a_duration_that_is_none_or_too_short_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--duration is"):
        parse_duration(text)


def test_available_memory_is_the_kernels_estimate(tmp_path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       24683612 kB\nMemFree:         1000 kB\nMemAvailable:   2048 kB\n")
    assert available_bytes(meminfo) == 2048 * 1024
    meminfo.write_text("MemTotal:       24683612 kB\n")
    assert available_bytes(meminfo) is None
    assert available_bytes(tmp_path / "none") is None
    assert available_bytes() is None or available_bytes() > 0
