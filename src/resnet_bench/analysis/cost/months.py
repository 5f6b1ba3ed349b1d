"""Lambda and servers side by side, for several numbers of requests a month."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_bench.analysis.cost.break_even import BreakEven, break_even
from resnet_bench.analysis.cost.on_lambda import cold_share, lambda_month
from resnet_bench.analysis.cost.on_servers import server_month, servers_count
from resnet_bench.analysis.cost.terms import Terms, per_second
from resnet_bench.analysis.workload import Workload
from resnet_bench.benchmark.stats import Interval, mean_interval
from resnet_bench.prices.costs import Cost, total
from resnet_bench.prices.servers import Server
from resnet_bench.prices.table import Prices

_MILLION = 1_000_000
# Requests a month where nobody said how many: from a hobby to what takes many servers.
USUAL = tuple(10.0**power for power in range(3, 9))
# Points of a curve for each factor of ten: so close that the steps of the servers look like steps.
_POINTS_A_DECADE = 24


@dataclass(frozen=True)
class Month:
    """``cold_share`` is the fraction of calls that are expected to be cold.

    ``interval`` is of Lambda's dollars, from that of the mean billed time; ``None`` if not asked for or not to be had.
    """

    requests: float
    cold_share: float
    on_lambda: tuple[Cost, ...]
    interval: Interval | None
    servers_count: int
    on_servers: tuple[Cost, ...]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return per_second(self.requests)

    @property
    def lambda_usd(self) -> float:
        return float(total(self.on_lambda))

    @property
    def servers_usd(self) -> float:
        return float(total(self.on_servers))

    @property
    def cheaper(self) -> Literal["lambda", "servers"]:
        return "lambda" if self.lambda_usd <= self.servers_usd else "servers"

    def per_million(self, usd: float) -> float:
        """Dollars of this month for each million of its requests."""
        return usd / self.requests * _MILLION


@dataclass(frozen=True)
class SideBySide:
    """One workload on Lambda against one kind of server."""

    workload: Workload
    server: Server
    months: tuple[Month, ...]
    break_even: BreakEven
    curve: tuple[Month, ...]


def side_by_side(
    workload: Workload, prices: Prices, server: Server, requests: Sequence[float], terms: Terms
) -> SideBySide:
    """``requests`` a month, rising; the curve spans them and the break-even, by at least two factors of ten.

    Raises:
        ResultError: as ``lambda_month``.
    """
    found = break_even(workload, prices, server, terms, interval=True)
    billed = mean_interval(workload.billed_warm_s, workload.billed_images)
    months = tuple(_month(workload, prices, server, each, terms, billed=billed) for each in requests)
    curve = tuple(_month(workload, prices, server, each, terms) for each in _spread(requests, found.per_month))
    return SideBySide(workload, server, months, found, curve)


def _month(
    workload: Workload,
    prices: Prices,
    server: Server,
    requests: float,
    terms: Terms,
    *,
    billed: Interval | None = None,
) -> Month:
    interval = None
    if billed is not None:
        ends = [lambda_month(workload, prices, requests, terms, warm_s=end) for end in (billed.low, billed.high)]
        interval = Interval(*(float(total(end)) for end in ends))
    return Month(
        requests=requests,
        cold_share=cold_share(per_second(requests), terms.keep_alive_s),
        on_lambda=lambda_month(workload, prices, requests, terms),
        interval=interval,
        servers_count=servers_count(workload, server, per_second(requests), terms),
        on_servers=server_month(workload, server, requests, terms),
    )


def _spread(requests: Sequence[float], middle: float | None) -> list[float]:
    """Evenly spread by logarithms, a factor of ten beyond ``middle`` and whatever was asked for."""
    marks = [*requests, *([] if middle is None else [middle])]
    low, high = min(marks) / 10, max(marks) * 10
    steps = max(1, round(_POINTS_A_DECADE * math.log10(high / low)))
    return [low * (high / low) ** (step / steps) for step in range(steps + 1)]
