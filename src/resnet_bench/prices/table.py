"""Prices: those that come with this program, and which one each is.

The packaged ones are AWS's list prices of us-east-1, read from its public pages in the month that ``data/prices.json``
names. ``aws/prices.py`` asks AWS for the region's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

import msgspec


@dataclass(frozen=True)
class Price:
    """US dollars for one ``unit``; ``source`` says whose figure it is, of where and when."""

    usd: Decimal
    unit: str
    source: str


@dataclass(frozen=True)
class Prices:
    """``of`` by the names in ``data/prices.json``; ``notice`` says which of them are whose."""

    region: str
    of: Mapping[str, Price]
    notice: str = ""

    def __getitem__(self, name: str) -> Price:
        return self.of[name]


class _Listed(msgspec.Struct):
    usd: Decimal
    unit: str
    page: str


class _Document(msgspec.Struct):
    region: str
    read: str
    prices: dict[str, _Listed]


@cache
def _document() -> _Document:
    text = resources.files("resnet_bench.prices").joinpath("data", "prices.json").read_bytes()
    return msgspec.json.decode(text, type=_Document)


def packaged(region: str | None) -> Prices:
    """The list prices that come with this program, for want of those of ``region`` (``None``: not known)."""
    document = _document()
    prices = {
        name: Price(listed.usd, listed.unit, f"{listed.page}, {document.region}, {document.read}")
        for name, listed in document.prices.items()
    }
    return Prices(document.region, prices, _notice(document, region))


def _notice(document: _Document, region: str | None) -> str:
    elsewhere = "" if region in {None, document.region} else f"; {region} may differ"
    return f"list prices of {document.region}, read in {document.read}, not asked of AWS now{elsewhere}"
