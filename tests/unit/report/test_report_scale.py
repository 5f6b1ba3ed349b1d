"""Values land where they belong, and never outside the plot."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.report.scale import Scale, from_zero, round_step
from resnet_bench.report.spread import swarm

values = st.floats(-1e12, 1e12, allow_nan=False)
positive = st.floats(1e-9, 1e12, allow_nan=False)


@given(values, values, values)
def test_nothing_is_drawn_outside_the_plot(low: float, high: float, value: float) -> None:
    assert 10.0 <= Scale(low, high, 10.0, 90.0)(value) <= 90.0
    assert 10.0 <= Scale(low, high, 90.0, 10.0)(value) <= 90.0


@given(positive, st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_drawn_as_less(highest: float, one: float, other: float) -> None:
    scale, _ = from_zero(highest, 0.0, 100.0)
    less, more = sorted((one * highest, other * highest))
    assert scale(less) <= scale(more)


@given(positive)
def test_an_axis_begins_at_zero_ends_at_or_above_the_highest_and_wastes_less_than_a_step(highest: float) -> None:
    scale, marks = from_zero(highest, 0.0, 100.0)
    step = marks[1]
    assert marks[0] == 0
    assert marks[-1] == scale.high
    assert highest * (1 - 1e-6) <= marks[-1] < highest + step
    assert 2 <= len(marks) <= 5
    assert [b - a for a, b in itertools.pairwise(marks)] == pytest.approx([step] * (len(marks) - 1))


@given(positive)
def test_twice_as_much_is_drawn_twice_as_long(highest: float) -> None:
    scale, _ = from_zero(highest, 0.0, 100.0)
    assert scale(highest) == pytest.approx(2 * scale(highest / 2))


@given(positive)
def test_steps_are_ones_that_people_count_in(rough: float) -> None:
    step = round_step(rough)
    assert rough * (1 - 1e-6) <= step <= 2.5 * rough
    assert f"{step:.1e}".split("e")[0] in {"1.0", "2.0", "2.5", "5.0"}


@pytest.mark.parametrize("highest", [0.0, -1.0, float("inf"), float("nan")])
def test_an_axis_of_nothing_still_has_two_marks(highest: float) -> None:
    assert round_step(highest) == 1.0
    if highest == 0:
        assert from_zero(highest, 0.0, 100.0)[1] == (0.0, 1.0)


def test_a_scale_of_one_value_puts_everything_at_its_start() -> None:
    assert Scale(3.0, 3.0, 10.0, 90.0)(5.0) == 10.0


@given(st.lists(st.floats(0, 400), max_size=300))
def test_marks_stay_in_their_lane_and_the_first_at_a_place_in_its_middle(at: list[float]) -> None:
    made = swarm(at, step=3.0, reach=24.0)
    assert len(made) == len(at)
    assert all(-24.0 <= y <= 24.0 for y in made)
    assert not made or made[0] == 0.0


def test_calls_of_the_same_time_are_drawn_apart() -> None:
    assert len(set(swarm([100.0] * 9, step=3.0, reach=24.0))) == 9
