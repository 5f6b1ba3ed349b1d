"""What a load test found, of runs whose throughput is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_failed, make_level
from loads import answered, run_of, steady, steady_run
from resnet_bench.analysis.capacity import MIN_ANSWERS, SideCapacity, Uncertain, capacity, throughput
from resnet_bench.benchmark.stats import Interval
from resnet_bench.results.records import Skipped


def side_of(rates: dict[int, float]) -> SideCapacity:
    """A side with this throughput at each concurrency."""
    (found,) = capacity(steady_run({"local": rates}))
    return found


# --- throughput ---------------------------------------------------------------------------------------------------


def test_throughput_is_answers_in_the_window_over_its_length() -> None:
    ended = np.arange(0.005, 30, 0.1)
    found = throughput(ended, 5.0, 30.0)
    assert found.value == pytest.approx(10.0)
    assert found.interval is not None
    assert found.interval.high - found.value == pytest.approx(1 / 25), "no better than one answer more or less"


def test_too_few_answers_have_a_throughput_and_no_interval() -> None:
    few = np.linspace(5.1, 29.9, MIN_ANSWERS - 1)
    assert throughput(few, 5.0, 30.0) == Uncertain((MIN_ANSWERS - 1) / 25)
    assert throughput(np.linspace(5.1, 29.9, MIN_ANSWERS), 5.0, 30.0).interval is not None
    assert throughput([], 5.0, 30.0) == Uncertain(0.0)


def test_the_interval_holds_the_truth_in_about_95_of_100_load_tests() -> None:
    """A closed loop of four clients whose calls take 0.2 s on average, exponentially distributed: 20 a second."""
    rng = np.random.default_rng(1)
    trials, held = 600, 0
    for _ in range(trials):
        ended = np.concatenate([np.cumsum(rng.exponential(0.2, 400)) for _ in range(4)])
        interval = throughput(ended, 5.0, 30.0).interval
        assert interval is not None
        held += 20.0 in interval
    # Three standard errors of 95 % in 600 trials are 2.7 %.
    assert 0.92 <= held / trials <= 0.98


@given(st.lists(st.floats(0, 40), max_size=200))
def test_throughput_lies_within_its_interval_and_counts_what_is_inside(ended: list[float]) -> None:
    found = throughput(ended, 5.0, 30.0)
    assert found.value * 25 == pytest.approx(sum(5.0 <= each <= 30.0 for each in ended))
    assert found.interval is None or (found.value in found.interval and found.interval.low >= 0)


def test_a_ratio_is_as_unsure_as_both_together() -> None:
    ratio = Uncertain(20.0, Interval(19.0, 21.0)).over(Uncertain(10.0, Interval(9.0, 11.0)))
    assert ratio.value == 2.0
    assert ratio.interval is not None
    assert ratio.interval.low == pytest.approx(2.0 * np.exp(-np.hypot(0.05, 0.1)))
    assert ratio.interval.high == pytest.approx(2.0 * np.exp(np.hypot(0.05, 0.1)))
    assert Uncertain(20.0).over(Uncertain(10.0)) == Uncertain(2.0)


# --- levels -------------------------------------------------------------------------------------------------------


def test_only_answers_that_arrive_in_the_window_make_figures_and_all_calls_are_counted() -> None:
    level = make_level("remote", 2)
    samples = [
        answered(level, 0.0, 4.0, cold=True),  # within the ramp
        answered(level, 4.0, 2.0),
        answered(level, 29.0, 0.5),
        answered(level, 29.5, 3.0),  # still on its way at the end
        make_failed(status=503, variant=level.variant, phase="load"),
        make_failed(status=429, variant=level.variant, phase="load"),
        make_failed(status=500, variant=level.variant, phase="load"),
    ]
    ((figures,),) = [side.levels for side in capacity(run_of([(level, samples)]))]
    assert figures.throughput == Uncertain(2 / 25)
    assert figures.latency_s is not None
    assert (figures.latency_s.n, figures.latency_s.max) == (2, 2.0)
    assert (figures.calls_count, figures.answered_count, figures.drained_count) == (7, 4, 1)
    assert (figures.cold_count, figures.refused_count) == (1, 2)
    assert figures.failures == {"HttpError": 1}


def test_a_level_that_was_not_measured_has_no_figures_and_spoils_none() -> None:
    good, refused = make_level("remote", 1), make_level("remote", 64, clients=Skipped("too little memory"))
    (side,) = capacity(run_of([(good, list(steady(good, 5.0))), (refused, [])]))
    assert [each.throughput is None for each in side.levels] == [False, True]
    assert side.measured == side.levels[:1]
    assert side.best is side.levels[0]
    assert side.levels[1].efficiency is None


def test_sides_and_engines_are_kept_apart_and_levels_come_in_rising_order() -> None:
    levels = [make_level("local", 4), make_level("remote", 4), make_level("local", 1), make_level("remote", 1)]
    run = run_of([(level, list(steady(level, 8.0 if level.side == "local" else 2.0))) for level in levels])
    local, remote = capacity(run)
    assert (local.side, remote.side) == ("local", "remote")
    assert [each.level.concurrency for each in local.levels] == [1, 4]
    assert [round(each.throughput.value) for each in remote.levels if each.throughput] == [2, 2]


def test_perfect_scaling_has_an_efficiency_of_1_and_none_has_1_over_n() -> None:
    perfect, none = side_of({1: 4.0, 2: 8.0, 4: 16.0}), side_of({1: 4.0, 2: 4.0, 4: 4.0})
    for side, expected in ((perfect, (1.0, 1.0)), (none, (0.5, 0.25))):
        first, *others = side.levels
        assert first.efficiency is None
        for level, value in zip(others, expected, strict=True):
            assert level.efficiency is not None
            assert level.efficiency.value == pytest.approx(value)
            assert level.efficiency.interval is not None
            assert value in level.efficiency.interval


def test_efficiency_is_told_against_the_lowest_level_where_that_is_not_one() -> None:
    side = side_of({2: 8.0, 8: 32.0})
    assert side.levels[1].efficiency is not None
    assert side.levels[1].efficiency.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rates", "knee"),
    [
        ({1: 10.0, 2: 20.0, 4: 20.1, 8: 20.0}, 2),
        ({1: 10.0, 2: 10.0}, 1),
        ({1: 10.0, 2: 20.0, 4: 40.0}, None),
        ({1: 10.0, 2: 10.0, 4: 20.0}, None),  # a dent on the way up is no end of it
        ({1: 10.0, 2: 20.0, 4: 12.0}, 2),
        ({4: 10.0}, None),
        ({1: 0.5, 2: 0.5}, None),  # of too few answers nothing is known
    ],
)
def test_the_knee_is_the_level_beyond_which_nothing_is_gained(rates: dict[int, float], knee: int | None) -> None:
    found = side_of(rates).knee
    assert (found and found.level.concurrency) == knee
