from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.sandbox.budget import KEPT_SLICE_S, SLICE_S, TICK_S, Budget

QUOTA_S, PERIOD_S = 0.012, 0.020


def make(now_s: float = 100.0) -> Budget:
    return Budget(QUOTA_S, PERIOD_S, now_s)


def test_a_budget_is_exhausted_when_the_quota_is_used_and_not_before() -> None:
    budget = make()
    budget.spend(0.011, 100.010)
    assert not budget.exhausted
    budget.spend(0.0011, 100.0111)
    assert budget.exhausted


def test_a_new_period_brings_a_new_quota() -> None:
    budget = make()
    budget.spend(QUOTA_S, 100.012)
    budget.spend(0.0, 100.0199)
    assert budget.exhausted
    budget.spend(0.0, 100.0201)
    assert budget.balance_s == pytest.approx(QUOTA_S)


def test_unused_quota_expires() -> None:
    budget = make()
    budget.spend(0.001, 100.010)
    budget.spend(0.0, 105.0)
    assert budget.balance_s == pytest.approx(QUOTA_S + KEPT_SLICE_S)


def test_the_rest_of_a_slice_outlives_the_period() -> None:
    budget = make()
    budget.spend(0.006, 100.019)  # two slices of 5 ms drawn, 4 ms left of the second
    budget.spend(0.002, 100.021)
    assert budget.balance_s == pytest.approx(QUOTA_S + 2 * SLICE_S - 0.008)


def test_overuse_is_carried_into_the_next_period() -> None:
    budget = make()
    budget.spend(0.015, 100.019)
    budget.spend(0.0, 100.021)
    assert budget.balance_s == pytest.approx(QUOTA_S - 0.003)


def test_idle_periods_pay_old_debts_off() -> None:
    # Seen late: 60 ms were used in 60 ms, of which 36 were due by then.
    budget = make()
    budget.spend(0.060, 100.0601)
    assert budget.balance_s == pytest.approx(QUOTA_S + 3 * QUOTA_S - 0.060)
    assert budget.exhausted
    budget.spend(0.0, 100.1001)
    assert budget.balance_s == pytest.approx(QUOTA_S)


def test_what_was_left_at_a_boundary_does_not_pay_for_what_came_after_it() -> None:
    # A quarter of a CPU for 30 ms: 5 ms by the boundary, where the other 7 expire, and 2.5 after it.
    budget = make()
    budget.spend(0.0075, 100.030)
    assert budget.balance_s == pytest.approx(QUOTA_S - 0.0025)


def test_periods_keep_their_rhythm_however_late_one_looks() -> None:
    budget = make()
    budget.spend(0.0, 100.0333)
    budget.spend(QUOTA_S + 0.0001, 100.0399)
    assert budget.exhausted
    budget.spend(0.0, 100.0401)
    assert not budget.exhausted


def test_the_next_look_comes_at_the_tick_when_one_more_cpu_may_have_used_the_balance_up() -> None:
    budget = make()
    budget.spend(0.003, 100.003)  # one CPU was busy; the 9 ms that are left last two CPUs for 4.5 ms
    assert budget.next_look_s(100.003, cpus_count=4) == pytest.approx(2 * TICK_S - 0.003)
    budget.spend(0.0005, 100.0036)  # 8.5 ms are left, until just after the third tick
    assert budget.next_look_s(100.0036, cpus_count=1) == pytest.approx(4 * TICK_S - 0.0036)


def test_the_next_look_of_an_exhausted_budget_is_the_refill_that_ends_its_debt() -> None:
    budget = make()
    budget.spend(QUOTA_S, 100.012)
    assert budget.next_look_s(100.012, 2) == pytest.approx(0.008)
    budget.spend(QUOTA_S * 1.5, 100.013)
    assert budget.next_look_s(100.013, 2) == pytest.approx(0.007 + PERIOD_S)


def test_a_look_never_passes_over_a_refill() -> None:
    budget = make()
    budget.spend(0.0, 100.019)
    assert budget.next_look_s(100.019, 1) == pytest.approx(0.001)


def test_a_long_freeze_costs_no_arithmetic_and_leaves_a_full_quota() -> None:
    budget = make()
    budget.spend(1.0, 100.5)
    budget.spend(0.0, 100.5 + 30 * 86_400)
    assert budget.balance_s == pytest.approx(QUOTA_S, rel=0.1)
    assert 0 < budget.next_look_s(100.5 + 30 * 86_400, 1) <= PERIOD_S


@given(
    delays_s=st.lists(st.floats(0.0001, 0.005), min_size=50, max_size=300),
    cpus=st.sampled_from([1, 2, 6]),
    quota_s=st.floats(0.002, 0.018),
)
def test_a_greedy_program_gets_its_share_however_late_the_looks_come(
    delays_s: list[float], cpus: int, quota_s: float
) -> None:
    budget = Budget(quota_s, PERIOD_S, 0.0)
    now_s = used_s = 0.0
    for delay_s in delays_s:
        step_s = budget.next_look_s(now_s, cpus) + delay_s
        spent_s = 0.0 if budget.exhausted else step_s * cpus
        now_s += step_s
        used_s += spent_s
        budget.spend(spent_s, now_s)
    # Above the allowance lies at most what one late look can overdraw: the rest has been paid back.
    slack_s = quota_s + cpus * (quota_s + SLICE_S + TICK_S + 0.005)
    assert used_s <= now_s / PERIOD_S * quota_s + slack_s
