"""What calls and an idle stack cost: arithmetic, and figures that AWS's own price pages work out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.stack.estimate import assumptions, estimate
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.prices.costs import (
    Flood,
    Usage,
    api_units,
    costs_of_a_flood,
    costs_of_a_month,
    costs_of_calls,
    gb_seconds,
    total,
)
from resnet_bench.prices.table import packaged
from resnet_bench.units import format_usd

PRICES = packaged("us-east-1")
USAGES = st.builds(
    Usage,
    warm_count=st.integers(0, 10**6),
    cold_count=st.integers(0, 1000),
    warm_s=st.floats(0.001, 30),
    cold_s=st.floats(0.001, 30),
    upload_bytes=st.integers(0, 10 * 2**20),
    log_bytes=st.integers(0, 10**5),
    metrics_count=st.integers(0, 20),
    hours=st.integers(0, 730),
)
MEMORIES = st.integers(128, 10240)


def usage(**changes):
    made = {"warm_count": 60, "cold_count": 0, "warm_s": 1.0, "cold_s": 0.0, "upload_bytes": 1}
    return Usage(**{**made, "log_bytes": 0, "metrics_count": 0, "hours": 0, **changes})


def cost(costs, what):
    return next(each.usd for each in costs if each.what == what)


def test_a_worked_example_by_hand():
    """3 million calls of 120 ms at 1536 MB: 540,000 GB-s, USD 9.00, and USD 0.60 for the requests."""
    costs = costs_of_calls(PRICES, usage(warm_count=3_000_000, warm_s=0.12), memory_mb=1536, architecture="x86_64")
    assert round(cost(costs, "Lambda, time"), 2) == Decimal("9.00")
    assert cost(costs, "Lambda, requests") == Decimal("0.6")
    assert cost(costs, "HTTP API") == 3


def test_arm_costs_a_fifth_less():
    times = [
        cost(costs_of_calls(PRICES, usage(), memory_mb=1024, architecture=each), "Lambda, time")
        for each in ("x86_64", "arm64")
    ]
    assert float(times[1] / times[0]) == pytest.approx(0.8, abs=1e-4)


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (524_288, 1), (524_289, 2), (10 * 2**20, 20)])
def test_the_api_counts_uploads_in_steps_of_512_kb(size, units):
    assert api_units(size) == units


def test_lambda_counts_1024_mb_as_one_gb():
    assert gb_seconds(1024, 2.5) == Decimal("2.5")
    assert gb_seconds(128, 1.0) == Decimal("0.125")


@given(USAGES, MEMORIES, st.sampled_from(["x86_64", "arm64"]))
def test_costs_are_never_negative_and_add_up(used, memory_mb, architecture):
    costs = costs_of_calls(PRICES, used, memory_mb=memory_mb, architecture=architecture)
    assert all(each.usd >= 0 for each in costs)
    assert total(costs) == sum(each.quantity * each.price.usd for each in costs)


@given(USAGES, MEMORIES)
def test_more_memory_or_a_longer_call_never_costs_less(used, memory_mb):
    def usd(**changes):
        fields = {name: getattr(used, name) for name in Usage.__dataclass_fields__}
        return total(
            costs_of_calls(
                PRICES,
                Usage(**{**fields, **{key: value for key, value in changes.items() if key in fields}}),
                memory_mb=changes.get("memory_mb", memory_mb),
                architecture="x86_64",
            )
        )

    assert usd(memory_mb=memory_mb + 1) >= usd()
    assert usd(warm_s=used.warm_s * 2) >= usd()
    assert usd(warm_count=used.warm_count + 1) >= usd()


def test_a_metric_is_charged_by_the_hour_in_which_it_is_sent():
    month = usage(metrics_count=10, hours=730)
    assert cost(costs_of_calls(PRICES, month, memory_mb=1024, architecture="x86_64"), "custom metrics") == 3


def test_a_month_without_calls_is_a_dashboard_and_the_images():
    assert total(costs_of_a_month(PRICES, stored_gb=1.5)) == Decimal("3.15")


def test_a_flood_is_what_the_stage_aims_to_let_through_in_a_day():
    flood = Flood(rate=5, billed_s=30, upload_bytes=10 * 2**20, log_bytes=4096, metrics_count=10)
    costs = costs_of_a_flood(PRICES, flood, memory_mb=1024, architecture="x86_64")
    quantities = {each.what: each.quantity for each in costs}
    assert quantities["Lambda, requests"] == 5 * 86_400
    assert quantities["Lambda, time"] == 5 * 86_400 * 30
    assert quantities["HTTP API"] == 5 * 86_400 * 20
    assert quantities["X-Ray, recorded"] == Decimal("1.2") * 86_400  # one a second and 5 % of the other four
    assert quantities["logs"] == Decimal(5 * 86_400 * 4096) / 2**30
    assert quantities["custom metrics"] == Decimal(240) / 730  # ten, in each of 24 hours


def test_only_a_public_address_has_a_day_of_strangers_and_its_rate_is_no_ceiling():
    closed, public = (Wanted(1024, "onnx", "x86_64", public=each) for each in (False, True))
    assert estimate(PRICES, closed).flood == ()
    assert total(estimate(PRICES, public).flood) > 100
    assert len(assumptions(public)) == len(assumptions(closed)) + 1
    assert "not measured" in assumptions(closed)[0]
    assert "5 requests a second, about, since that is the stage's target and not a ceiling" in assumptions(public)[-1]


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "0.00"),
        ("0.00000001", "<0.0001"),
        ("0.0001", "0.00010"),
        ("0.00116", "0.0012"),
        ("0.15", "0.15"),
        ("0.999", "1.00"),
        ("3.149", "3.15"),
        ("1234.5", "1,234.50"),
    ],
)
def test_amounts_are_written_with_cents_or_two_digits(usd, text):
    assert format_usd(Decimal(usd)) == text


@given(st.decimals("0.0001", 10**6, places=8))
def test_what_costs_something_is_never_written_as_nothing(usd):
    assert Decimal(format_usd(usd).replace(",", "")) > 0
