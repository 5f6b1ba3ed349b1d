"""Prices: those that come with this program, and which one each is.

The packaged ones are AWS's list prices of us-east-1, read from its public pages in the month that ``data/prices.json``
names; those that it calls second-hand were read in what others quote of those pages. ``aws/prices.py`` asks AWS for the
region's own, and ``kept.py`` keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import chain

import msgspec

# What is beyond these is damage, and arithmetic with it fails: nothing costs so little or so much, nor is so large.
_LEAST_USD, _MOST_USD = Decimal("1e-15"), Decimal("1e9")
_MOST_VCPUS, _MOST_GB = 100_000, 1e6
_MOST_FREE = Decimal("1e18")


@dataclass(frozen=True)
class Price:
    """US dollars for one ``unit``; ``source`` says whose figure it is, of where and when."""

    usd: Decimal
    unit: str
    source: str


@dataclass(frozen=True)
class Instance:
    """A kind of EC2 instance: Linux, on demand, shared tenancy. ``architecture`` is by Lambda's names."""

    name: str
    vcpus: int
    memory_gb: float
    architecture: str
    hour: Price

    @property
    def is_possible(self) -> bool:
        return is_kind(self.vcpus, self.memory_gb) and is_price(self.hour.usd)


@dataclass(frozen=True)
class FreeTier:
    """What Lambda does not charge for in a month: one account's, for all its functions together."""

    requests: Decimal
    gb_s: Decimal


@dataclass(frozen=True)
class Prices:
    """``of`` by the names in ``data/prices.json``; ``notice`` says which of them are whose."""

    region: str
    of: Mapping[str, Price]
    instances: Mapping[str, Instance]
    free_tier: FreeTier
    notice: str = ""

    def __getitem__(self, name: str) -> Price:
        return self.of[name]

    @property
    def strange(self) -> str:
        """The name of something in here that cannot be so, or nothing."""
        prices = (name for name, price in self.of.items() if not is_price(price.usd))
        instances = (name for name, one in self.instances.items() if not one.is_possible)
        free = (count for count in (self.free_tier.requests, self.free_tier.gb_s) if not _is_amount(count))
        return next(chain(prices, instances, (f"free tier of {count}" for count in free)), "")


def is_price(usd: Decimal) -> bool:
    return usd.is_finite() and _LEAST_USD <= usd <= _MOST_USD


def is_kind(vcpus: int, memory_gb: float) -> bool:
    """Whether there can be such an instance."""
    return 1 <= vcpus <= _MOST_VCPUS and 0 < memory_gb <= _MOST_GB


def _is_amount(count: Decimal) -> bool:
    return count.is_finite() and 0 <= count <= _MOST_FREE


class _Listed(msgspec.Struct):
    usd: Decimal
    unit: str
    page: str
    second_hand: bool = False


class _ListedInstance(msgspec.Struct):
    usd: Decimal
    vcpus: int
    memory_gb: float
    architecture: str
    page: str


class _Document(msgspec.Struct):
    region: str
    read: str
    prices: dict[str, _Listed]
    instances: dict[str, _ListedInstance]
    free_tier: FreeTier


@cache
def _document() -> _Document:
    text = resources.files("resnet_bench.prices").joinpath("data", "prices.json").read_bytes()
    return msgspec.json.decode(text, type=_Document)


def packaged(region: str | None) -> Prices:
    """The list prices that come with this program, for want of those of ``region`` (``None``: not known)."""
    document = _document()
    where = f"{document.region}, {document.read}"
    prices = {
        name: Price(one.usd, one.unit, f"{one.page}, {where}{', at second hand' if one.second_hand else ''}")
        for name, one in document.prices.items()
    }
    instances = {
        name: Instance(name, one.vcpus, one.memory_gb, one.architecture, Price(one.usd, "hour", f"{one.page}, {where}"))
        for name, one in document.instances.items()
    }
    return Prices(document.region, prices, instances, document.free_tier, _notice(document, region))


def _notice(document: _Document, region: str | None) -> str:
    elsewhere = "" if region in {None, document.region} else f"; {region} may differ"
    return f"list prices of {document.region}, read in {document.read}, not asked of AWS now{elsewhere}"
