"""A region's own prices from AWS's Price List Query API.

Service codes, groups and usage types are those of AWS's price list. A usage type is a region's prefix (``USE1-``) and
what was used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.products import kind_of, one_price
from resnet_bench.errors import AwsError
from resnet_bench.prices.table import Instance, Price, Prices, packaged

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
    "disk_gb_month": ("AmazonEC2", "EBS:VolumeUsage.gp3"),
    "ipv4_hour": ("AmazonVPC", "PublicIPv4:InUseAddress"),
}
# Products of no region. This dashboard is one of at most 50 metrics.
_EVERYWHERE = {"dashboard_month": ("AmazonCloudWatch", "DashboardsUsageHour-Basic")}

# Of an instance type there are products for every system, tenancy and reservation; these leave one.
_INSTANCE = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}

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
        found = _found(account, region)
    except AwsError as error:
        return replace(known, notice=f"{known.notice} ({error.message})")
    return _together(known, region, found, {}, when="now")


def fetched(account: Account, instances: Collection[str], *, when: str) -> Prices:
    """As ``current``, with what servers need, to be kept: ``when`` is the date. ``instances`` are asked for as well.

    An instance type that AWS does not list there, or not at one price, keeps the packaged price or has none.

    Raises:
        AwsError: AWS cannot be asked, or refuses.
    """
    region = account.region
    known = packaged(region)
    client = account.client("pricing", region=_API_REGION)
    source = f"AWS's price list for {region}, read {when}"
    kinds = {name: _instance(client, region, name, source) for name in sorted({*known.instances, *instances})}
    found = {name: kind for name, kind in kinds.items() if kind is not None}
    return _together(known, region, _found(account, region), found, when=f"read {when}")


def _found(account: Account, region: str) -> dict[str, Decimal]:
    client = account.client("pricing", region=_API_REGION)
    return {name: usd for name, usd in _asked(client, region) if usd is not None}


def _together(
    known: Prices, region: str, found: dict[str, Decimal], instances: dict[str, Instance], *, when: str
) -> Prices:
    """What was found in place of what comes with the program, and a notice of the rest."""
    source = f"AWS's price list for {region}, {when}"
    own = {name: Price(usd, known[name].unit, source) for name, usd in found.items()}
    missing = set(known.of) - set(own) | ({*known.instances} - {*instances} if instances else set())
    rest = ", ".join(sorted(missing))
    elsewhere = f"; but list prices of {known.region} for {rest}" if rest else ""
    return Prices(
        region, {**known.of, **own}, {**known.instances, **instances}, known.free_tier, f"{source}{elsewhere}"
    )


def _asked(client: Any, region: str) -> Iterator[tuple[str, Decimal | None]]:
    here = {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}
    for name, (service, group) in _GROUPS.items():
        in_group = {"Type": "TERM_MATCH", "Field": "group", "Value": group}
        yield name, one_price(_products(client, service, [here, in_group]), _ANY)
    for name, (service, usage) in _USAGE_TYPES.items():
        containing = {"Type": "CONTAINS", "Field": "usagetype", "Value": usage}
        # CONTAINS finds neighbours too (a tier of another name, say); only a region's prefix may stand before it.
        exact = re.compile(rf"([A-Z]+\d*-)?{re.escape(usage)}")
        yield name, one_price(_products(client, service, [here, containing]), exact)
    for name, (service, usage) in _EVERYWHERE.items():
        equal = {"Type": "TERM_MATCH", "Field": "usagetype", "Value": usage}
        yield name, one_price(_products(client, service, [equal]), _ANY)


def _instance(client: Any, region: str, name: str, source: str) -> Instance | None:
    """``None`` where AWS lists no such instance in the region, or several prices."""
    wanted = {"regionCode": region, "instanceType": name, **_INSTANCE}
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    products = _products(client, "AmazonEC2", filters)
    usd = one_price(products, re.compile(rf"([A-Z]+\d*-)?BoxUsage:{re.escape(name)}"))
    kinds = {kind for product in products if (kind := kind_of(product)) is not None}
    if usd is None or len(kinds) != 1:
        return None
    vcpus, memory_gb, architecture = kinds.pop()
    return Instance(name, vcpus, memory_gb, architecture, Price(usd, "hour", source))


def _products(client: Any, service: str, filters: list[_Filter]) -> list[str]:
    """JSON documents, one a product."""
    with aws_errors("pricing:GetProducts"):
        pages = client.get_paginator("get_products").paginate(ServiceCode=service, Filters=filters)
        return [product for page in pages for product in page["PriceList"]]
