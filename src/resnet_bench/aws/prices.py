"""A region's own prices from AWS's Price List Query API.

Service codes, groups and usage types are those of AWS's price list. A usage type is a region's prefix (``USE1-``) and
what was used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.errors import AwsError
from resnet_bench.prices.table import Price, Prices, packaged

# The API itself is in few regions, and answers for all.
_API_REGION = "us-east-1"
# Found by their group, because Lambda's usage types are not spelled alike in all regions.
_GROUPS = {
    "lambda_request": ("AWSLambda", "AWS-Lambda-Requests"),
    "lambda_gb_s_x86_64": ("AWSLambda", "AWS-Lambda-Duration"),
    "lambda_gb_s_arm64": ("AWSLambda", "AWS-Lambda-Duration-ARM"),
}
_USAGE_TYPES = {
    "http_api_request": ("AmazonApiGateway", "ApiGatewayHttpRequest"),
    "trace_recorded": ("AWSXRay", "XRay-TracesStored"),
    "log_gb": ("AmazonCloudWatch", "DataProcessing-Bytes"),
    "ecr_gb_month": ("AmazonECR", "TimedStorage-ByteHrs"),
}
# Products of no region. This dashboard is one of at most 50 metrics.
_EVERYWHERE = {"dashboard_month": ("AmazonCloudWatch", "DashboardsUsageHour-Basic")}

_ANY = re.compile(".*")

_Filter = dict[str, str]


def current(account: Account) -> Prices:
    """The prices of the account's region as AWS lists them now; packaged ones for those that it would not tell.

    Nothing here may stop a deployment: a refusal becomes the ``notice``.

    Raises:
        AwsError: no region is set.
    """
    region = account.region
    known = packaged(region)
    try:
        client = account.client("pricing", region=_API_REGION)
        found = {name: usd for name, usd in _asked(client, region) if usd is not None}
    except AwsError as error:
        return replace(known, notice=f"{known.notice} ({error.message})")
    own = {name: Price(usd, known[name].unit, f"AWS's price list for {region}, now") for name, usd in found.items()}
    rest = ", ".join(sorted(set(known.of) - set(own)))
    elsewhere = f"; but list prices of {known.region} for {rest}" if rest else ""
    return Prices(region, {**known.of, **own}, f"AWS's price list for {region}, now{elsewhere}")


def _asked(client: Any, region: str) -> Iterator[tuple[str, Decimal | None]]:
    here = {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}
    for name, (service, group) in _GROUPS.items():
        in_group = {"Type": "TERM_MATCH", "Field": "group", "Value": group}
        yield name, _price(_products(client, service, [here, in_group]), _ANY)
    for name, (service, usage) in _USAGE_TYPES.items():
        containing = {"Type": "CONTAINS", "Field": "usagetype", "Value": usage}
        # CONTAINS finds neighbours too (a tier of another name, say); only a region's prefix may stand before it.
        exact = re.compile(rf"([A-Z]+\d*-)?{re.escape(usage)}")
        yield name, _price(_products(client, service, [here, containing]), exact)
    for name, (service, usage) in _EVERYWHERE.items():
        equal = {"Type": "TERM_MATCH", "Field": "usagetype", "Value": usage}
        yield name, _price(_products(client, service, [equal]), _ANY)


def _products(client: Any, service: str, filters: list[_Filter]) -> list[str]:
    """JSON documents, one a product."""
    with aws_errors("pricing:GetProducts"):
        pages = client.get_paginator("get_products").paginate(ServiceCode=service, Filters=filters)
        return [product for page in pages for product in page["PriceList"]]


def _price(products: list[str], wanted: re.Pattern[str]) -> Decimal | None:
    """The one price of the first unit used, ``None`` if there is none or there are several: no guess is printed."""
    prices = {price for product in products for price in first_tier(product, wanted)}
    return prices.pop() if len(prices) == 1 else None


def first_tier(product: str, wanted: re.Pattern[str]) -> Iterator[Decimal]:
    """The prices in USD of a product's first paid unit, if its usage type is ``wanted``; of damaged ones, none."""
    try:
        document = msgspec.json.decode(product, type=_Product)
    except msgspec.DecodeError:
        return
    if not wanted.fullmatch(document.product.attributes.usagetype):
        return
    for offer in document.terms.on_demand.values():
        for dimension in offer.price_dimensions.values():
            usd = dimension.price_per_unit.get("USD")
            if dimension.begin_range == 0 and usd is not None and usd.is_finite() and usd > 0:
                yield usd


class _Attributes(msgspec.Struct):
    usagetype: str


class _Described(msgspec.Struct):
    attributes: _Attributes


class _Dimension(msgspec.Struct, rename="camel"):
    price_per_unit: dict[str, Decimal]
    begin_range: Decimal = Decimal(0)


class _Offer(msgspec.Struct, rename="camel"):
    price_dimensions: dict[str, _Dimension]


class _Terms(msgspec.Struct):
    on_demand: dict[str, _Offer] = msgspec.field(name="OnDemand", default_factory=dict)


class _Product(msgspec.Struct):
    product: _Described
    terms: _Terms
