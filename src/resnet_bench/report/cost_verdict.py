"""The one sentence of ``cost``: up to which rate Lambda is cheaper, from which on servers are, on which condition."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from resnet_bench.analysis.cost import BreakEven, SideBySide
from resnet_bench.prices.table import Prices
from resnet_bench.report.advised import an_hour, conditions
from resnet_bench.report.names import named
from resnet_bench.units import format_usd


def cost_verdict(prices: Prices, found: Sequence[SideBySide]) -> str:
    """One sentence, however many comparisons there are, with the condition that all share."""
    clauses = "; ".join(map(_clause, found))
    emulated = any(one.workload.emulated for one in found)
    return f"{clauses[0].upper()}{clauses[1:]} {conditions(prices, emulated=emulated)}."


def _clause(one: SideBySide) -> str:
    name, crossing = one.server.name, one.break_even
    function = f"with {named(one.workload.engine)}, {_asked(one)}{one.workload.memory_mb} MB of Lambda"
    if crossing.winner == "server":
        return f"{function} costs more than {name} at any rate: {crossing.reason}"
    if crossing.first_rate is None:
        return f"{function} costs less than {name} at any rate: {crossing.reason}"
    below = f"{function} costs less than {name} up to about {an_hour(crossing.first_rate)} requests an hour"
    if crossing.rate is None:
        return f"{below}, and again at high rates: {crossing.reason}"
    interval = crossing.interval
    sure = "" if interval is None else f" (95 % interval {an_hour(interval.low)} to {an_hour(interval.high)})"
    above = f"from about {an_hour(crossing.rate)} on{sure}" if alternates(crossing) else f"above it{sure}"
    return f"{below}, and more {above}"


def _asked(one: SideBySide) -> str:
    """What a month costs, where one was asked for."""
    if len(one.months) > 1:
        return ""
    month = one.months[0]
    interval = month.interval
    sure = "" if interval is None else f" (95 % interval {_usd(interval.low)} to {_usd(interval.high)})"
    times = "" if month.servers_count == 1 else f"{month.servers_count} x "
    servers = f"{_usd(month.servers_usd)} USD on {times}{one.server.name}"
    return (
        f"{month.requests:,.0f} requests a month cost {_usd(month.lambda_usd)} USD on Lambda{sure} and {servers}, and "
    )


def _usd(usd: float) -> str:
    return format_usd(Decimal(repr(usd)))


def alternates(crossing: BreakEven) -> bool:
    """Whether both rates would not be read as the same."""
    first, last = crossing.first_rate, crossing.rate
    return first is not None and last is not None and an_hour(first) != an_hour(last)
