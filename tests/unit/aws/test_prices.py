"""Prices: packaged ones with their source, and AWS's own where its price list names one without doubt."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from price_lists import PricedAccount, answer_all, answer_instances, offered, product
from resnet_bench.aws.prices import current, fetched
from resnet_bench.aws.products import first_tier
from resnet_bench.errors import AwsError
from resnet_bench.prices.table import Price, packaged

ANYTHING = re.compile(".*")
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def account():
    with PricedAccount() as made:
        yield made


def test_each_packaged_price_says_whose_it_is_of_where_and_when():
    for name, price in packaged("us-east-1").of.items():
        assert price.usd > 0, name
        assert re.fullmatch(r"https://aws\.amazon\.com/\S+, us-east-1, \w+ 20\d\d(, at second hand)?", price.source)


def test_packaged_prices_say_that_another_region_may_differ():
    assert "may differ" not in packaged("us-east-1").notice
    assert "eu-west-1 may differ" in packaged("eu-west-1").notice
    assert "not asked of AWS" in packaged(None).notice


def test_the_regions_own_prices_are_taken_and_the_others_named(account):
    answer_all(account)
    found = current(account)
    assert found.region == "eu-west-1"
    assert found["lambda_gb_s_x86_64"].usd == Decimal("0.000007")
    assert found["dashboard_month"].source == "AWS's price list for eu-west-1, now"
    assert found["metric_month"] == packaged(None)["metric_month"]
    assert found.notice == (
        "AWS's price list for eu-west-1, now; but list prices of us-east-1 for metric_month, trace_retrieved"
    )


def test_the_first_tier_counts_and_a_free_one_does_not(account):
    tiers = [product("EU-Lambda", ("0", "0.0000166667"), ("6000000000", "0.000015"))]
    free = [product("EU-XRay-TracesStored", ("0", "0")), product("EU-XRay-TracesStored", ("0", "0.000005"))]
    answer_all(account, lambda_gb_s_x86_64=tiers, trace_recorded=free)
    found = current(account)
    assert found["lambda_gb_s_x86_64"].usd == Decimal("0.0000166667")
    assert found["trace_recorded"].usd == Decimal("0.000005")


def test_where_the_list_names_two_prices_none_is_guessed(account):
    two = [product("EU-DataProcessing-Bytes", ("0", "0.5")), product("EU-DataProcessing-Bytes", ("0", "0.6"))]
    answer_all(account, log_gb=two)
    found = current(account)
    assert found["log_gb"] == packaged(None)["log_gb"]
    assert "log_gb" in found.notice


def test_a_neighbour_whose_name_only_contains_the_wanted_one_is_not_taken(account):
    neighbours = [
        product("EU-XRay-TracesStored", ("0", "0.000005")),
        product("EU-XRay-Insights-TracesStored", ("0", "0.000001")),
        product("EU-XRay-TracesStored-Premium", ("0", "0.00009")),
    ]
    answer_all(account, trace_recorded=neighbours)
    assert current(account)["trace_recorded"].usd == Decimal("0.000005")


def test_a_denial_leaves_the_packaged_prices_and_says_so(account):
    account.stubber.add_client_error("get_products", "AccessDeniedException", "no")
    found = current(account)
    assert found.of == packaged("eu-west-1").of
    assert "pricing:GetProducts failed: AWS denied it" in found.notice


@given(JSON)
def test_a_damaged_product_has_no_price(document):
    assert list(first_tier(json.dumps(document), ANYTHING)) == []


@given(st.text())
def test_a_text_that_is_no_json_has_no_price(text):
    assert list(first_tier(text, ANYTHING)) == []


@given(st.decimals("0.0000000001", 1000, places=10))
def test_a_price_is_read_to_its_last_digit(usd):
    assert list(first_tier(product("EU-X", ("0", f"{usd:f}")), ANYTHING)) == [usd]


@pytest.mark.parametrize("usd", ["NaN", "Infinity", "-1", "0"])
def test_a_figure_that_is_no_price_is_none(usd):
    assert list(first_tier(product("EU-X", ("0", usd)), ANYTHING)) == []


def test_refreshed_prices_have_the_servers_too_with_their_date(account):
    answer_instances(account, c7i_xlarge=[offered("c7i.xlarge", "0.204")])
    answer_all(account)
    found = fetched(account, ["c7i.xlarge"], when="2026-11-24")
    instance = found.instances["c7i.xlarge"]
    assert (instance.vcpus, instance.memory_gb, instance.architecture) == (4, 8.0, "x86_64")
    assert instance.hour == Price(Decimal("0.204"), "hour", "AWS's price list for eu-west-1, read 2026-11-24")
    assert found["ipv4_hour"].source == "AWS's price list for eu-west-1, read 2026-11-24"
    assert found.notice.startswith("AWS's price list for eu-west-1, read 2026-11-24; but list prices of us-east-1 for ")


def test_a_graviton_is_an_arm(account):
    answer_instances(account, c7g_large=[offered("c7g.large", physicalProcessor="AWS Graviton3 Processor")])
    answer_all(account)
    assert fetched(account, [], when="today").instances["c7g.large"].architecture == "arm64"


@pytest.mark.parametrize(
    "offers",
    [
        [],
        [offered("c7i.large", "0.1"), offered("c7i.large", "0.2")],
        [offered("c7i.large", memory="NA")],
        [offered("c7i.large", vcpu="many")],
    ],
    ids=["none", "two prices", "no memory", "no vcpus"],
)
def test_an_instance_that_is_not_listed_without_doubt_keeps_its_packaged_price_and_is_named(account, offers):
    answer_instances(account, c7i_large=offers)
    answer_all(account)
    found = fetched(account, [], when="today")
    assert found.instances["c7i.large"] == packaged(None).instances["c7i.large"]
    assert "list prices of us-east-1 for c7i.large, metric_month" in found.notice


def test_a_denial_of_refreshed_prices_is_an_error(account):
    account.stubber.add_client_error("get_products", "AccessDeniedException", "no")
    with pytest.raises(AwsError, match="pricing:GetProducts"):
        fetched(account, [], when="today")


def test_an_instance_is_asked_for_as_linux_on_demand_alone():
    """An instance type is sold with Windows, dedicated and reserved as well."""
    with PricedAccount() as account:
        wanted = {
            "regionCode": "eu-west-1",
            "instanceType": "c7g.large",
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
        }
        filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
        expected = {"ServiceCode": "AmazonEC2", "Filters": filters}
        account.stubber.add_response("get_products", {"PriceList": [offered("c7g.large")]}, expected)
        account.stubber.add_client_error("get_products", "Enough")  # c7g.large is the first by name
        with pytest.raises(AwsError):
            fetched(account, [], when="today")
        account.stubber.assert_no_pending_responses()
