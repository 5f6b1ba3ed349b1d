"""The record of ``cost``, for machines: prices, terms, and every line of every month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resnet_bench.analysis.cost import SideBySide, Terms
from resnet_bench.prices.servers import Server
from resnet_bench.prices.table import Prices
from resnet_bench.report import bill


def cost_record(prices: Prices, found: Sequence[SideBySide], terms: Terms) -> dict[str, Any]:
    """For machines. Rates are requests a second; amounts are decimal numbers as texts, in USD."""
    return {
        "prices": {"region": prices.region, "notice": prices.notice},
        "terms": terms,
        "comparisons": [_comparison(one) for one in found],
    }


def _comparison(one: SideBySide) -> dict[str, Any]:
    return {
        "engine": one.workload.engine,
        "memory_mb": one.workload.memory_mb,
        "billed_observer": one.workload.billed_observer,
        "server": _server(one.server),
        "break_even": one.break_even,
        "months": [
            {
                "requests": month.requests,
                "rate": month.rate,
                "cold_share": month.cold_share,
                "lambda": {**bill.bill_document(month.on_lambda), "interval": month.interval},
                "servers": {"count": month.servers_count, **bill.bill_document(month.on_servers)},
                "cheaper": month.cheaper,
            }
            for month in one.months
        ],
    }


def _server(server: Server) -> dict[str, Any]:
    return {"name": server.name, "vcpus": server.vcpus, "assumptions": server.assumptions}
