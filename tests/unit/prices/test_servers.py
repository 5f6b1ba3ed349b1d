"""What a server costs for a month: by hand, and what no price list can tell is refused or said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from resnet_bench.errors import UsageError
from resnet_bench.prices.costs import total
from resnet_bench.prices.servers import instance, own_machine
from resnet_bench.prices.table import packaged

PRICES = packaged("us-east-1")


def test_a_month_of_an_instance_by_hand() -> None:
    """730 hours at 0.08925 are 65.1525; 8 GB at 0.08 are 0.64; 730 hours of an address at 0.005 are 3.65."""
    server = instance(PRICES, "c7i.large")
    assert [cost.usd for cost in server.month] == [Decimal("65.1525"), Decimal("0.64"), Decimal("3.65")]
    assert server.usd == Decimal("69.4425")
    assert (server.vcpus, server.memory_gb) == (2, 4)


def test_a_month_of_a_machine_of_ones_own_by_hand() -> None:
    """1200 dollars over 4 years are 25 a month; 100 W over 730 hours are 73 kWh, at 0.20 another 14.60."""
    server = own_machine(price_usd=1200, watts=100, life_years=4, kwh_usd=0.2, vcpus=16)
    assert server.usd.quantize(Decimal("0.01")) == Decimal("39.60")
    assert server.usd == total(server.month)
    assert all("no list price" in cost.price.source for cost in server.month)
    assert "nothing for its place" in server.assumptions[0]


def test_an_unknown_instance_names_the_known_ones_and_how_to_get_another() -> None:
    with pytest.raises(UsageError, match=r"no price of an instance c9z\.huge") as raised:
        instance(PRICES, "c9z.huge")
    assert "c7g.large, c7i.large, m7i.large, t3.medium" in raised.value.hint
    assert "--refresh-prices --instance c9z.huge" in raised.value.hint


def test_a_burstable_instance_is_used_no_more_than_it_may_be_all_the_time() -> None:
    assert instance(PRICES, "t3.medium").baseline == 0.2
    assert "20%" in instance(PRICES, "t3.medium").assumptions[1]
    assert instance(PRICES, "c7i.large").baseline == 1


@pytest.mark.parametrize(
    ("changed", "value"),
    [("price_usd", -1.0), ("watts", -5.0), ("life_years", 0.0), ("life_years", -1.0), ("kwh_usd", float("nan"))],
)
def test_figures_that_no_machine_has_are_refused(changed: str, value: float) -> None:
    figures = {"price_usd": 1000.0, "watts": 50.0, "life_years": 4.0, "kwh_usd": 0.3, changed: value}
    with pytest.raises(UsageError, match="--"):
        own_machine(**figures, vcpus=8)
