import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark.pacing import Pacer, TimeLeft, next_slot

WARM, WARMUP, COLD = ("warm", ""), ("warmup", ""), ("cold", "")


class FalseClock:
    """Time that passes only by sleeping and working."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s

    def sleep(self, seconds):
        assert seconds > 0
        self.now_s += seconds

    work = sleep


@pytest.fixture
def clock():
    return FalseClock()


def starts(clock, interval_s, works):
    pacer = Pacer(interval_s, clock=clock, sleep=clock.sleep)
    times = []
    for work_s in works:
        pacer.wait()
        times.append(clock() - 1000)
        clock.work(work_s)
    return times, pacer


def test_starts_keep_to_the_grid_of_the_first_one(clock):
    assert starts(clock, 30, [2, 7, 1])[0] == [0, 30, 60]


def test_after_a_delay_the_next_slot_is_taken_and_nothing_bunches_up(clock):
    times, pacer = starts(clock, 30, [2, 70, 1, 1])
    assert times == [0, 30, 120, 150]
    assert pacer.skipped_count == 2


def test_without_an_interval_nothing_waits(clock):
    assert starts(clock, 0, [2, 7, 1])[0] == [0, 2, 9]


def test_a_sleep_that_returns_early_is_continued(clock):
    pacer = Pacer(30, clock=clock, sleep=lambda seconds: clock.sleep(min(seconds, 7)))
    pacer.wait()
    pacer.wait()
    assert clock() == 1030


@given(
    st.floats(0.1, 100),
    st.lists(st.floats(0.001, 300), min_size=1, max_size=20),
)
def test_starts_are_on_the_grid_a_slot_apart_at_least_and_never_early(interval_s, works):
    times, pacer = starts(FalseClock(), interval_s, works)
    slots = [time / interval_s for time in times]
    assert all(math.isclose(slot, round(slot), abs_tol=1e-6) for slot in slots)
    assert all(after >= before + 1 - 1e-6 for before, after in itertools.pairwise(slots))
    assert round(slots[-1]) == len(times) - 1 + pacer.skipped_count


@given(st.integers(0, 1000), st.floats(0, 1e5), st.floats(0.01, 1e3))
def test_the_next_slot_is_the_first_that_lies_ahead(previous, elapsed_s, interval_s):
    slot = next_slot(previous, elapsed_s, interval_s)
    assert slot > previous
    assert slot * interval_s >= elapsed_s * (1 - 1e-12)
    assert slot == previous + 1 or (slot - 1) * interval_s < elapsed_s * (1 + 1e-12)


def test_time_left_is_unknown_before_the_first_block():
    assert TimeLeft([WARM]).seconds() is None


def test_time_left_follows_the_median_of_each_phase():
    left = TimeLeft([COLD] * 2 + [WARM] * 4)
    left.done(COLD, 6)
    assert left.seconds() is None, "the first pays for starting everything"
    left.done(COLD, 8)
    assert left.seconds() == 4 * 6, "the warm ones are not known yet: as the quickest so far"
    left.done(WARM, 1)
    left.done(WARM, 100)
    left.done(WARM, 2)
    assert left.seconds() == 2


def test_time_left_counts_whole_slots_of_the_grid():
    left = TimeLeft([WARM] * 3, interval_s=30)
    left.done(WARM, 2)
    assert left.seconds() == 60
    left.done(WARM, 100)
    assert left.seconds() == 60, "the median, 51 s, takes two slots"


def test_only_warm_blocks_wait_for_the_grid():
    left = TimeLeft([WARMUP, WARMUP, COLD, WARM], interval_s=30)
    left.done(WARMUP, 2)
    left.done(WARMUP, 2)
    assert left.seconds() == 2 + 30


def test_nothing_is_left_at_the_end():
    left = TimeLeft([WARM])
    left.done(WARM, 2)
    assert left.seconds() == 0


def test_time_left_keeps_memory_sizes_apart_and_takes_an_unknown_one_to_be_like_the_others():
    small, large, unknown = ("warm", "512 MB"), ("warm", "3008 MB"), ("warm", "1769 MB")
    left = TimeLeft([small] * 3 + [large] * 3 + [unknown])
    left.done(small, 9)
    left.done(large, 1)
    assert left.seconds() == 2 * 9 + 2 * 1 + 5


def test_blocks_that_are_not_made_take_no_time():
    left = TimeLeft([WARM, WARM, COLD])
    left.done(WARM, 3)
    left.skip(COLD)
    assert left.seconds() == 3


@pytest.mark.parametrize("warmups_s", [0.0, 7.0, 67.0])
@pytest.mark.parametrize(("since_s", "first_s"), [(7205.0, 25.0), (7200.0, 30.0), (5.0, 25.0), (-5.0, 5.0)])
def test_a_grid_that_was_interrupted_goes_on_and_its_gap_is_no_skipped_slot(
    since_s: float, first_s: float, warmups_s: float
) -> None:
    clock = FalseClock()
    pacer = Pacer(30.0, clock=clock, sleep=clock.sleep, since_s=since_s)
    clock.now_s += warmups_s
    first_s += 30.0 * math.ceil((warmups_s - first_s) / 30.0) if warmups_s > first_s else 0.0
    starts = []
    for _ in range(3):
        pacer.wait()
        starts.append(clock.now_s - 1000.0)
        clock.now_s += 1.0
    assert starts == [first_s, first_s + 30.0, first_s + 60.0]
    assert pacer.skipped_count == 0
