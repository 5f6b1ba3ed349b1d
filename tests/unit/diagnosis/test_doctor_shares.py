"""What is concluded from the CPU time that a busy sandbox got, and from the pauses that it saw."""

from __future__ import annotations

import pytest

from examined import spun
from resnet_bench.diagnosis.busy import Spun
from resnet_bench.diagnosis.shares import BETTER, judge_period, judge_share, judge_throttle


@pytest.mark.parametrize(
    ("given", "held_up", "chosen", "verdict"),
    [
        (0.579, 0.0, True, "ok"),
        (0.579 * 0.91, 0.9, True, "ok"),
        (0.579 * 0.80, 0.0, True, "fault"),
        (0.579 * 0.80, 0.0, False, "doubt"),
        (0.579 * 0.80, 0.3, True, "doubt"),
        (0.579 * 0.80, None, True, "doubt"),
        (0.579 * 1.20, 0.9, True, "fault"),
        (0.579 * 1.20, 0.0, False, "doubt"),
    ],
)
def test_too_much_is_the_limiters_fault_and_too_little_only_if_nobody_else_took_it(
    given: float, held_up: float | None, chosen: bool, verdict: str
) -> None:
    found = judge_share("cgroup-v1", "1024 MB", 0.579, [spun(given, held_up=held_up)] * 6, chosen=chosen)
    assert found.verdict == verdict
    assert found.measured[0].value == pytest.approx(given / 0.579)
    assert (found.measured[0].n, found.measured[0].low is not None) == (6, True)
    assert bool(found.todo) == bool(found.follows) == (verdict != "ok")
    assert bool(found.topics) == chosen


def test_a_wrong_share_of_the_mechanism_in_use_says_how_to_get_a_better_one() -> None:
    assert judge_share("throttle", "1024 MB", 0.5, [spun(0.3)], chosen=True).todo == BETTER
    assert "--limiter auto" in judge_share("throttle", "1024 MB", 0.5, [spun(0.3)], chosen=False).todo


def test_the_period_is_from_one_pauses_end_to_the_next() -> None:
    found = judge_period("cgroup-v1", 0.5, [spun(0.5, period_s=0.0201)] * 2, chosen=True)
    seen, counted = found.measured
    assert (found.verdict, seen.n) == ("ok", 2 * 19)
    assert seen.value == pytest.approx(0.02)
    assert counted.value == pytest.approx(0.0201)


def test_short_interruptions_are_somebody_elses_and_no_pauses() -> None:
    regular = spun(0.5)
    gaps = tuple(sorted((*regular.gaps, *((at + 0.003, at + 0.0045) for at, _ in regular.gaps))))
    found = judge_period("cgroup-v1", 0.5, [Spun(0.4, 0.2, gaps)], chosen=True)
    assert found.measured[0].value == pytest.approx(0.02)


def test_another_period_and_none_at_all_are_doubts() -> None:
    slow = Spun(1.0, 0.5, tuple((0.1 * count, 0.1 * count + 0.05) for count in range(10)))
    assert judge_period("x", 0.5, [slow], chosen=True).verdict == "doubt"
    assert judge_period("x", 0.5, [Spun(1.0, 0.5)], chosen=True).verdict == "doubt"
    assert judge_period("x", 0.5, [Spun(1.0, 0.5)], chosen=False).verdict == "not measured"


@pytest.mark.parametrize(("throttle", "verdict"), [(0.57, "ok"), (0.65, "doubt"), (0.50, "doubt")])
def test_the_throttle_is_held_to_the_kernels_share(throttle: float, verdict: str) -> None:
    found = judge_throttle("1024 MB", [spun(throttle)] * 6, [spun(0.579)] * 6, "cgroup-v1")
    assert (found.verdict, found.measured[0].name) == (verdict, "throttle over cgroup-v1")
    assert found.measured[0].value == pytest.approx(throttle / 0.579)
