"""A product of AWS's price list: the JSON text that GetProducts gives for each, read for its price and kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from resnet_bench.prices.table import is_kind, is_price
from resnet_bench.unreadable import UNREADABLE

_GIB = re.compile(r"(\d+(?:\.\d+)?) GiB", re.ASCII)


def one_price(products: list[str], wanted: re.Pattern[str]) -> Decimal | None:
    """The one price of the first unit used, ``None`` if there is none or there are several: no guess is printed."""
    prices = {price for product in products for price in first_tier(product, wanted)}
    return prices.pop() if len(prices) == 1 else None


def first_tier(product: str, wanted: re.Pattern[str]) -> Iterator[Decimal]:
    """The prices in USD of a product's first paid unit, if its usage type is ``wanted``; of damaged ones, none."""
    try:
        document = msgspec.json.decode(product, type=_Product)
    except UNREADABLE:
        return
    if not wanted.fullmatch(document.product.attributes.usagetype):
        return
    for offer in document.terms.on_demand.values():
        for dimension in offer.price_dimensions.values():
            usd = dimension.price_per_unit.get("USD")
            if dimension.begin_range.is_zero() and usd is not None and is_price(usd):
                yield usd


def kind_of(product: str) -> tuple[int, float, str] | None:
    """vCPUs, memory in GB and processor of an instance's product, as in ``4 GiB`` and ``AWS Graviton3 Processor``."""
    try:
        told = msgspec.json.decode(product, type=_Product).product.attributes
        size = _GIB.fullmatch(told.memory)
        if size is None:
            return None
        vcpus, memory_gb = int(told.vcpu), float(size[1])
    except (*UNREADABLE, ValueError):
        return None
    if not is_kind(vcpus, memory_gb):
        return None
    return vcpus, memory_gb, "arm64" if "Graviton" in told.processor else "x86_64"


class _Attributes(msgspec.Struct):
    usagetype: str
    vcpu: str = ""
    memory: str = ""
    processor: str = msgspec.field(name="physicalProcessor", default="")


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
