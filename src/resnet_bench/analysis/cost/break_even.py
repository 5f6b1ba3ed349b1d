"""The rate of requests from which servers are cheaper than Lambda.

Lambda's cost rises smoothly with the rate; a server's is the same up to its capacity, where another one is needed. So
each rate lies in a piece with one number of servers. Within it the gap (Lambda less servers) rises, and from one piece
to the next it falls by the price of a server. In the first piece it need not rise everywhere: with few requests, one
more may keep an environment alive and save a cold start. That piece is searched at many points.

Beyond some rate nothing changes but the number of calls and of servers (``_settled``). There the last piece at whose
beginning Lambda is cheaper follows from the prices by one division, however far away it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from resnet_bench.analysis.cost.on_lambda import lambda_month
from resnet_bench.analysis.cost.on_servers import capacity, server_month
from resnet_bench.analysis.cost.terms import Terms, requests_a_month
from resnet_bench.analysis.workload import Workload
from resnet_bench.benchmark.stats import Interval, mean_interval
from resnet_bench.prices.costs import total
from resnet_bench.prices.servers import Server
from resnet_bench.prices.table import Prices

# Rates from one request in a thousand years on, below which no cost differs from that of none.
_SLOWEST = 1 / (1000 * 365 * 24 * 3600)
_POINTS = 200
# exp(-40) is nothing beside 1: cold starts have ended, and each second has its first request to be traced.
_NOTHING = 40.0
_HOUR_S = 3600

Gap = Callable[[float], float]


@dataclass(frozen=True)
class BreakEven:
    """Rates in requests a second. From ``rate`` on servers are cheaper, at every higher one too.

    Below ``first_rate`` Lambda always is. Between the two it depends: just after another server was needed, Lambda is
    cheaper again. ``interval`` is of ``rate``, from that of the mean billed time. Without a ``rate`` one side stays
    cheaper: ``winner``, for the ``reason`` given (of Lambda: in the end; there may be a ``first_rate``).
    """

    rate: float | None
    first_rate: float | None
    winner: Literal["lambda", "server"] | None = None
    reason: str = ""
    interval: Interval | None = None

    @property
    def per_hour(self) -> float | None:
        return None if self.rate is None else self.rate * _HOUR_S

    @property
    def first_per_hour(self) -> float | None:
        return None if self.first_rate is None else self.first_rate * _HOUR_S

    @property
    def per_hour_interval(self) -> Interval | None:
        return None if self.interval is None else Interval(self.interval.low * _HOUR_S, self.interval.high * _HOUR_S)

    @property
    def per_month(self) -> float | None:
        return None if self.rate is None else requests_a_month(self.rate)

    @property
    def first_per_month(self) -> float | None:
        return None if self.first_rate is None else requests_a_month(self.first_rate)


def break_even(
    workload: Workload, prices: Prices, server: Server, terms: Terms | None = None, *, interval: bool = False
) -> BreakEven:
    """``interval`` asks for the rate's, which takes a bootstrap.

    Raises:
        ResultError: as ``lambda_month``.
    """
    terms = terms or Terms()
    found = _break_even(workload, prices, server, terms, workload.billed_warm_mean_s)
    if not interval or found.rate is None:
        return found
    billed = mean_interval(workload.billed_warm_s, workload.billed_images)
    if billed is None:
        return found
    ends = [_break_even(workload, prices, server, terms, warm_s).rate for warm_s in (billed.high, billed.low)]
    low, high = ends
    if low is None or high is None:
        return replace(found, reason="but that there is one is not certain: the billed times are not known well enough")
    return replace(found, interval=Interval(min(low, high), max(low, high)))


def _break_even(workload: Workload, prices: Prices, server: Server, terms: Terms, warm_s: float) -> BreakEven:
    def gap(rate: float) -> float:
        requests = requests_a_month(rate)
        here = total(lambda_month(workload, prices, requests, terms, warm_s=warm_s))
        return float(here - total(server_month(workload, server, requests, terms)))

    def on_lambda(rate: float) -> float:
        return float(total(lambda_month(workload, prices, requests_a_month(rate), terms, warm_s=warm_s)))

    each, usd = capacity(workload, server, terms), float(server.usd)
    settled = _settled(workload, prices, terms, warm_s)
    slope = (on_lambda(2 * settled) - on_lambda(settled)) / settled
    pieces = _pieces(each, math.ceil(settled / each) + 1)
    first = _first_above(gap, pieces)
    if slope * each <= usd:
        return BreakEven(None, first, "lambda", _dearer(slope, usd / each))
    # on_lambda is fixed + slope x rate from ``settled`` on. At the beginning of piece n it is less than n servers while
    # n (slope x each - usd) <= slope x each - fixed.
    fixed = on_lambda(settled) - slope * settled
    last = math.floor((slope * each - fixed) / (slope * each - usd))
    if last > len(pieces):
        edge = (last - 1) * each
        return BreakEven(_crossing(gap, _just_after(edge), edge + each), first)
    rate = _last_below(gap, pieces)
    if rate is None:
        return BreakEven(None, None, "server", "Lambda costs more even while nobody calls: its image is stored")
    return BreakEven(rate, first)


def _dearer(slope: float, server_usd: float) -> str:
    million = 1e6 / requests_a_month(1)
    return (
        f"a million more requests cost {slope * million:.2f} USD on Lambda and {server_usd * million:.2f} USD on "
        "servers that are used as far as they should be"
    )


def _settled(workload: Workload, prices: Prices, terms: Terms, warm_s: float) -> float:
    """A rate beyond which Lambda's cost is a straight line."""
    rates = [_NOTHING / terms.keep_alive_s]
    if terms.traced_share is None:
        rates.append(_NOTHING)
    if terms.free_tier and workload.memory_mb is not None:
        gb_s = workload.memory_mb / 1024 * min(warm_s, workload.billed_cold_mean_s)
        free = prices.free_tier
        rates.append(max(float(free.requests), float(free.gb_s) / gb_s) / requests_a_month(1))
    return max(rates)


def _pieces(each: float, count: int) -> list[tuple[float, ...]]:
    """Rates at which to look, in each of the first pieces from its beginning to its end."""
    many = [_SLOWEST * (each / _SLOWEST) ** (index / _POINTS) for index in range(_POINTS + 1)]
    few = [(_just_after(number * each), (number + 1) * each) for number in range(1, count)]
    return [tuple(many), *few]


def _just_after(rate: float) -> float:
    return rate * (1 + 1e-8)


def _first_above(gap: Gap, pieces: list[tuple[float, ...]]) -> float | None:
    """The lowest rate at which servers are cheaper."""
    for low, high in _steps(pieces):
        if gap(high) > 0:
            return _crossing(gap, low, high)
    return None


def _last_below(gap: Gap, pieces: list[tuple[float, ...]]) -> float | None:
    """The highest rate at which Lambda is not dearer, if there is one."""
    for low, high in reversed(list(_steps(pieces))):
        if gap(low) <= 0:
            return _crossing(gap, low, high)
    return None


def _steps(pieces: list[tuple[float, ...]]) -> Iterator[tuple[float, float]]:
    return (step for piece in pieces for step in pairwise(piece))


def _crossing(gap: Gap, low: float, high: float) -> float:
    """Where the gap passes 0 between a rate at which it does not exceed it and one at which it does; by bisection,
    until no number lies between."""
    if gap(low) > 0:
        return low
    while low < (middle := (low + high) / 2) < high:
        if gap(middle) > 0:
            high = middle
        else:
            low = middle
    return high
