"""Every verdict about clocks, by false ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from examined import only
from resnet_bench.diagnosis import timer
from resnet_bench.diagnosis.timer import Clocks, examine_timer

NOON_2026_S = 1_780_000_000.0


def ticking(step_s: float) -> Callable[[], float]:
    """A clock that goes forward by so much at each reading."""
    return (step_s * count for count in itertools.count()).__next__


@pytest.mark.parametrize(("step_s", "verdict"), [(1e-7, "ok"), (1e-3, "doubt")])
def test_the_smallest_step_is_the_resolution(step_s: float, verdict: str) -> None:
    found = timer.resolution(ticking(step_s))
    assert found.verdict == verdict
    assert found.measured[0].value == pytest.approx(step_s)


def test_a_clock_that_stands_still_is_a_fault() -> None:
    assert timer.resolution(lambda: 1.0).verdict == "fault"


@pytest.mark.parametrize(("step_s", "verdict"), [(1e-7, "ok"), (1e-5, "doubt")])
def test_a_dear_reading_is_a_doubt_with_what_it_costs_a_call(step_s: float, verdict: str) -> None:
    found = timer.cost(ticking(step_s))
    assert (found.verdict, found.measured[0].n) == (verdict, 30)
    assert ("70.1 us" in found.follows) == (verdict == "doubt")


def test_a_clock_that_differs_between_cpus_is_a_fault_and_the_thread_gets_its_cpus_back() -> None:
    import os

    allowed = os.sched_getaffinity(0)
    back_and_forth = itertools.cycle([2.0, 1.5])
    found = timer.forward(lambda: next(back_and_forth))
    assert (found.verdict, found.measured[0].value) == ("fault", 0.5)
    assert os.sched_getaffinity(0) == allowed
    assert timer.forward(ticking(1e-6)).verdict == "ok"


@pytest.mark.parametrize(("late_s", "verdict"), [(0.0001, "ok"), (0.03, "doubt")])
def test_waking_up_late_is_a_doubt(late_s: float, verdict: str) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds + late_s

    found = timer.oversleeping(Clocks(monotonic=lambda: now[0], sleeping=sleep))
    assert found.verdict == verdict
    assert found.measured[0].value == pytest.approx(late_s)


@pytest.mark.parametrize(("name", "verdict"), [("tsc", "ok"), ("kvm-clock", "ok"), ("hpet", "doubt")])
def test_a_slow_source_is_a_doubt(name: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "current").write_text(f"{name}\n")
    found = timer.source(tmp_path / "current")
    assert (found.verdict, found.told) == (verdict, name)
    assert timer.source(tmp_path / "none").verdict == "not measured"


@pytest.mark.parametrize(
    ("now_s", "known", "verdict", "told"),
    [
        (NOON_2026_S, True, "ok", "synchronised"),
        (NOON_2026_S, None, "ok", "nobody tells whether"),
        (NOON_2026_S, False, "doubt", "not synchronised"),
        (NOON_2026_S + 3, True, "doubt", "it was set by +3.000 s meanwhile"),
        (NOON_2026_S - 3, True, "doubt", "it was set by -3.000 s meanwhile"),
        (1000.0, True, "fault", "it was never set"),
    ],
)
def test_the_time_of_day_is_judged_by_its_steps_and_its_keeper(
    now_s: float, known: bool | None, verdict: str, told: str
) -> None:
    clocks = Clocks(monotonic=lambda: 0.0, wall=lambda: now_s)
    found = timer.wall(clocks, NOON_2026_S if now_s > NOON_2026_S / 2 else now_s, lambda: known)
    assert found.verdict == verdict
    assert found.told.startswith(told)
    assert found.topics == ("calls to AWS",)


def test_the_real_clocks_go_forward_and_every_finding_is_made() -> None:
    found = list(examine_timer())
    assert only(found, code="timer-forward").verdict == "ok"
    assert len({one.code for one in found}) == len(found) == 6
