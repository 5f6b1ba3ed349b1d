"""How many calls X-Ray is expected to trace."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark.sampling import SHARE_OF_REST, expected_traces, thin_sampling


@pytest.mark.parametrize(("calls", "period_s"), [(0, 0.1), (1, 0.0), (60, 1.0), (60, 30.0), (2, 1.5)])
def test_calls_a_second_apart_or_a_single_one_are_all_traced(calls, period_s):
    assert thin_sampling(calls, period_s) is None


def test_fast_calls_are_told_with_how_many_will_be_traced():
    assert thin_sampling(60, 0.25) == (
        "about 18 of 60 calls will be traced: X-Ray takes one a second and 5% of the rest "
        "(--interval 1 has nearly all traced)"
    )


@given(st.integers(1, 5000), st.floats(0, 100))
def test_at_least_one_and_at_most_all_are_expected(calls, period_s):
    assert 1 <= expected_traces(calls, period_s) <= calls + 1e-9


@pytest.mark.parametrize("period_s", [0.05, 0.2, 0.5, 0.8])
def test_the_expectation_is_what_the_rule_gives_on_average(period_s):
    rng, calls, rounds = random.Random(7), 200, 300
    traced = 0
    for _ in range(rounds):
        start_s, seen = rng.random(), set()
        for number in range(calls):
            second = int(start_s + number * period_s)
            traced += second not in seen or rng.random() < SHARE_OF_REST
            seen.add(second)
    assert traced / rounds == pytest.approx(expected_traces(calls, period_s), abs=0.8)
