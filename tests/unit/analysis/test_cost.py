"""What a workload costs a month on Lambda and on servers: by hand, by formula, and always the same way round."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_run
from resnet_bench.analysis.cost import Terms, capacity, cold_share, lambda_month, server_month, servers_count
from resnet_bench.analysis.cost.on_lambda import traced_share
from resnet_bench.analysis.workload import Workload, workloads
from resnet_bench.errors import ResultError
from resnet_bench.prices.costs import SECONDS_A_MONTH, Cost, total
from resnet_bench.prices.servers import instance
from resnet_bench.prices.table import packaged

PRICES = packaged("us-east-1")
ALWAYS_WARM = Terms(keep_alive_s=1e12)


def workload(**changes: object) -> Workload:
    return replace(workloads(make_run())[0], **changes)


def usd(costs: tuple[Cost, ...]) -> dict[str, Decimal]:
    return {cost.what: cost.usd for cost in costs}


def test_a_month_on_lambda_by_hand() -> None:
    """3 million calls of 120 ms at 1536 MB are 540,000 GB-s: 9.00 dollars, and 0.60 for the requests.

    With the free tier 140,000 GB-s and 2 million requests are left: 2.33 and 0.40.
    """
    example = workload(memory_mb=1536, billed_warm_s=(0.12,), upload_bytes=(600 * 1024,))
    costs = usd(lambda_month(example, PRICES, 3_000_000, ALWAYS_WARM))
    assert round(costs["Lambda, time"], 2) == Decimal("9.00")
    assert costs["Lambda, requests"] == Decimal("0.6")
    assert costs["HTTP API"] == 6  # 600 KB are two units of 512 KB
    assert costs["ECR, image"] == Decimal("0.05")

    free = usd(lambda_month(example, PRICES, 3_000_000, replace(ALWAYS_WARM, free_tier=True)))
    assert round(free["Lambda, time"] + free["free tier, time"], 2) == Decimal("2.33")
    assert free["Lambda, requests"] + free["free tier, requests"] == Decimal("0.4")


def test_cold_calls_are_billed_with_their_initialisation_in_their_share() -> None:
    """At one call in the keep-alive, a share of 1/e is cold."""
    requests = SECONDS_A_MONTH / 600
    one = workload(memory_mb=1024, billed_warm_s=(0.1, 0.3), billed_cold_s=(4.0, 6.0))
    time = next(cost for cost in lambda_month(one, PRICES, requests, Terms()) if cost.what == "Lambda, time")
    cold = 1 / math.e
    assert float(time.quantity) == pytest.approx(requests * (0.2 * (1 - cold) + 5.0 * cold))


def test_images_of_several_sizes_count_as_many_units_as_they_have_on_average() -> None:
    one = workload(upload_bytes=(100, 600 * 1024))
    api = next(cost for cost in lambda_month(one, PRICES, 1000) if cost.what == "HTTP API")
    assert api.quantity == 1500


@pytest.mark.parametrize(
    ("rate", "share"), [(1e-9, 1.0), (1e9, 0.05), (1.0, (1 - math.exp(-1)) + 0.05 * math.exp(-1)), (0.0, 1.0)]
)
def test_xray_records_all_of_few_calls_and_a_twentieth_of_many(rate: float, share: float) -> None:
    assert traced_share(rate) == pytest.approx(share)


def test_a_share_of_traces_that_was_asked_for_is_taken() -> None:
    costs = usd(lambda_month(workload(), PRICES, 1_000_000, Terms(traced_share=0.0)))
    assert costs["X-Ray, recorded"] == 0


def test_the_cold_share_is_that_of_random_arrivals_and_one_environment() -> None:
    assert cold_share(0.0, 600) == 1
    assert cold_share(1 / 600, 600) == pytest.approx(1 / math.e)


def test_a_server_carries_what_its_cpus_and_the_measured_time_allow() -> None:
    server = instance(PRICES, "c7i.large")
    one = workload(local_s=(0.04, 0.06), local_threads=1)
    assert capacity(one, server) == pytest.approx(0.6 * 2 / 0.05)
    assert capacity(replace(one, local_threads=2), server) == pytest.approx(0.6 / 0.05)
    assert capacity(replace(one, local_threads=8), server) == pytest.approx(0.6 / 0.2)  # 8 threads on 2 CPUs
    assert capacity(one, server, Terms(utilisation=0.9)) == pytest.approx(0.9 * 2 / 0.05)


def test_a_burstable_server_carries_no_more_than_its_baseline() -> None:
    assert capacity(workload(local_s=(0.05,)), instance(PRICES, "t3.medium")) == pytest.approx(0.2 * 2 / 0.05)


@pytest.mark.parametrize(("times", "count"), [(0.0, 1), (0.5, 1), (1.0, 1), (1.01, 2), (7.0, 7)])
def test_there_is_one_server_at_least_and_another_once_they_are_full(times: float, count: int) -> None:
    one, server = workload(), instance(PRICES, "c7i.large")
    rate = times * capacity(one, server)
    assert servers_count(one, server, rate) == count
    assert total(server_month(one, server, rate * SECONDS_A_MONTH)) == count * server.usd


RATES = st.floats(1e3, 1e9)
WORKLOADS = st.builds(
    workload,
    memory_mb=st.integers(128, 10240),
    billed_warm_s=st.tuples(st.floats(0.005, 5)),
    billed_cold_s=st.tuples(st.floats(0.2, 20)),
    local_s=st.tuples(st.floats(0.005, 5)),
    local_threads=st.integers(1, 8),
)


@given(WORKLOADS, RATES, st.floats(1, 1000), st.booleans())
def test_more_requests_never_cost_less_on_servers_nor_on_a_lambda_that_is_always_warm(one, requests, factor, free):
    terms = replace(ALWAYS_WARM, free_tier=free)
    server = instance(PRICES, "c7i.large")
    few, many = (total(lambda_month(one, PRICES, each, terms)) for each in (requests, requests * factor))
    assert few <= many + Decimal("1e-9")
    few, many = (total(server_month(one, server, each)) for each in (requests, requests * factor))
    assert few <= many


@given(WORKLOADS, RATES, st.booleans())
def test_every_line_is_a_quantity_and_a_price_and_no_month_costs_less_than_nothing(one, requests, free):
    costs = lambda_month(one, PRICES, requests, Terms(free_tier=free))
    assert all(cost.usd == cost.quantity * cost.price.usd for cost in costs)
    assert total(costs) > 0


def test_without_a_cold_start_the_hint_says_how_to_measure_one() -> None:
    with pytest.raises(ResultError, match="no cold start") as raised:
        lambda_month(workload(cold_s=(), billed_cold_s=()), PRICES, 1000)
    assert "compare" in raised.value.hint


def test_without_the_functions_memory_there_is_no_price() -> None:
    with pytest.raises(ResultError, match="how much memory"):
        lambda_month(workload(memory_mb=None), PRICES, 1000)


def test_a_call_is_billed_by_the_mean_since_that_is_what_adds_up() -> None:
    skewed = workload(billed_warm_s=(0.1, 0.1, 0.1, 0.9))
    same = workload(billed_warm_s=(fmean(skewed.billed_warm_s),))
    assert total(lambda_month(skewed, PRICES, 1e6)) == total(lambda_month(same, PRICES, 1e6))
