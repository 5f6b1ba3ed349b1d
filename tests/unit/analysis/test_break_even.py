"""From which rate on servers are cheaper: against a formula, and against looking everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import make_run
from resnet_bench.analysis.cost import Terms, break_even, capacity, lambda_month, server_month, side_by_side
from resnet_bench.analysis.workload import Workload, workloads
from resnet_bench.prices.costs import SECONDS_A_MONTH, total
from resnet_bench.prices.servers import instance, own_machine
from resnet_bench.prices.table import packaged

PRICES = packaged("us-east-1")
# No cold starts and no traces: Lambda's cost is a straight line.
LINEAR = Terms(keep_alive_s=1e12, traced_share=0.0)


def workload(**changes: object) -> Workload:
    return replace(workloads(make_run())[0], **changes)


def own(usd: float, vcpus: int = 2):
    """A machine that costs this much a month."""
    return own_machine(price_usd=usd * 12, watts=0, life_years=1, kwh_usd=0, vcpus=vcpus)


def gap(one, server, rate, terms):
    requests = rate * SECONDS_A_MONTH
    here = total(lambda_month(one, PRICES, requests, terms))
    return float(here - total(server_month(one, server, requests, terms)))


def test_one_server_against_a_straight_line_is_one_division() -> None:
    one = workload(memory_mb=1024, billed_warm_s=(0.25,), upload_bytes=(1,), local_s=(0.01,))
    server = instance(PRICES, "c7i.large")
    each = 0.25 * 0.0000166667 + 0.0000002 + 0.000001 + 1300 / 1024**3 * 0.5
    expected = (69.4425 - 0.05) / each
    found = break_even(one, PRICES, server, LINEAR)
    assert found.per_month == pytest.approx(expected, rel=1e-6)
    assert found.first_rate == pytest.approx(found.rate)
    assert found.per_hour == pytest.approx(expected / 730, rel=1e-6)


def test_many_servers_at_nearly_lambdas_price_are_found_by_one_division_too() -> None:
    """Lambda costs 1.001 times what full servers cost: it wins the beginning of some 1000 pieces."""
    one = workload(memory_mb=1024, billed_warm_s=(0.25,), upload_bytes=(1,), local_s=(0.1,), local_threads=2)
    each = 0.25 * 0.0000166667 + 0.0000002 + 0.000001 + 1300 / 1024**3 * 0.5
    full = each * 0.6 / 0.1 * SECONDS_A_MONTH
    server = own(full / 1.001)
    found = break_even(one, PRICES, server, LINEAR)
    servers = found.rate / capacity(one, server)
    assert 900 < servers < 1100
    for nearby in (1 - 1e-7, 1 + 1e-7):
        assert (gap(one, server, found.rate * nearby, LINEAR) > 0) == (nearby > 1)


def test_where_a_full_server_costs_more_for_a_request_lambda_wins_for_good() -> None:
    slow = workload(local_s=(10.0,), billed_warm_s=(0.1,))
    found = break_even(slow, PRICES, instance(PRICES, "m7i.large"))
    assert (found.rate, found.winner, found.per_hour, found.per_month) == (None, "lambda", None, None)
    assert "a million more requests cost" in found.reason


def test_a_machine_that_costs_less_than_storing_the_image_wins_for_good() -> None:
    found = break_even(workload(), PRICES, own(0.01))
    assert (found.rate, found.winner) == (None, "server")
    assert "its image is stored" in found.reason


WORKLOADS = st.builds(
    workload,
    memory_mb=st.sampled_from([128, 512, 1024, 1769, 10240]),
    billed_warm_s=st.tuples(st.floats(0.01, 3)),
    billed_cold_s=st.tuples(st.floats(0.2, 20)),
    local_s=st.tuples(st.floats(0.01, 3)),
    local_threads=st.integers(1, 4),
)
TERMS = st.builds(
    Terms,
    free_tier=st.booleans(),
    traced_share=st.sampled_from([None, 0.0, 1.0]),
    keep_alive_s=st.sampled_from([60.0, 600.0, 3600.0]),
)


@settings(max_examples=40, deadline=None)
@given(WORKLOADS, st.floats(0.2, 500), TERMS)
def test_the_break_even_separates_the_sides_wherever_one_looks(one, usd, terms):
    server = own(usd)
    found = break_even(one, PRICES, server, terms)
    rates = np.geomspace(1e-6, 1e3, 150)
    if found.rate is None:
        above = {"server": rates, "lambda": []}[found.winner]
    else:
        above = [*rates[rates > found.rate], found.rate * 1.000001]
        assert gap(one, server, found.rate * 0.999999, terms) <= 0
    assert all(gap(one, server, rate, terms) > 0 for rate in above)
    below = rates[rates < found.first_rate] if found.first_rate is not None else []
    assert all(gap(one, server, rate, terms) <= 0 for rate in below)


def test_the_interval_is_that_of_the_billed_time() -> None:
    one = workload()
    server = instance(PRICES, "c7i.large")
    found = break_even(one, PRICES, server, interval=True)
    assert found.interval.low < found.rate < found.interval.high
    assert found.interval.high / found.interval.low < 1.1
    assert break_even(one, PRICES, server).interval is None
    assert break_even(replace(one, billed_warm_s=(0.2,) * 5), PRICES, server, interval=True).interval is None


def test_a_break_even_that_the_uncertainty_may_do_away_with_has_no_interval_and_says_so() -> None:
    """At the mean a full server costs 0.97 of Lambda for a request; at the mean's lower end it costs more."""
    wide = (0.1, 0.4) * 10
    one = workload(memory_mb=1024, billed_warm_s=wide, billed_images=("a",) * 20, upload_bytes=(1,), local_s=(0.1,))
    each = 0.25 * 0.0000166667 + 0.0000002 + 0.000001 + 1300 / 1024**3 * 0.5
    found = break_even(one, PRICES, own(each * 2 * 0.6 / 0.1 * SECONDS_A_MONTH * 0.97), LINEAR, interval=True)
    assert found.rate is not None
    assert found.interval is None
    assert "not certain" in found.reason


def test_side_by_side_has_a_curve_that_spans_the_months_and_the_break_even() -> None:
    found = side_by_side(workload(), PRICES, instance(PRICES, "c7i.large"), [1e4, 1e6], Terms())
    assert [month.requests for month in found.months] == [1e4, 1e6]
    curve = [month.requests for month in found.curve]
    assert curve[0] <= 1e3
    assert curve[-1] >= 10 * found.break_even.per_month * 0.999
    for month in found.months:
        assert month.lambda_usd in month.interval
        assert month.cheaper == "lambda"
    assert found.curve[-1].cheaper == "servers"
    assert found.months[1].per_million(12.5) == 12.5
