"""Costs as rows and as a document: each a quantity and a price, so that it can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from resnet_bench.prices.costs import Cost, total
from resnet_bench.report.rows import Column, Row
from resnet_bench.units import format_usd

COLUMNS = (
    Column("what", ""),
    Column("quantity", "quantity", "count"),
    Column("unit", "unit"),
    Column("price", "USD a unit"),
    Column("cost", "USD", "count"),
)
# From here on a tenth of a unit is less than a millionth of the whole.
_LARGE = 100_000


def bill(group: str, costs: Iterable[Cost]) -> Iterator[Row]:
    """The lines of one bill and their sum, for a table of ``COLUMNS``."""
    costs = tuple(costs)
    for cost in costs:
        yield Row(
            (cost.what, _quantity(cost.quantity), cost.price.unit, f"{cost.price.usd.normalize():,f}", _usd(cost.usd)),
            group,
        )
    yield Row(("together", "", "", "", _usd(total(costs))), group)


def bill_document(costs: tuple[Cost, ...]) -> dict[str, Any]:
    """For machines; amounts are decimal numbers as texts, in USD."""
    return {
        "items": [
            {
                "what": cost.what,
                "quantity": str(cost.quantity),
                "unit": cost.price.unit,
                "price": str(cost.price.usd),
                "source": cost.price.source,
                "usd": str(cost.usd),
            }
            for cost in costs
        ],
        "usd": str(total(costs)),
    }


def _quantity(quantity: Decimal) -> str:
    """So many digits that quantity times price is what stands beside it, to the cent."""
    return f"{quantity:,.1f}".removesuffix(".0") if abs(quantity) >= _LARGE else f"{float(quantity):,.6g}"


def _usd(usd: Decimal) -> str:
    return format_usd(usd) if usd >= 0 else f"-{format_usd(-usd)}"
