"""Both sides at a number of rates: latency, refusals and cost, which one to take, and where that changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Literal

from resnet_bench.analysis.cost import capacity, lambda_month
from resnet_bench.analysis.objective import Objective
from resnet_bench.analysis.traffic.arrivals import Arrivals
from resnet_bench.analysis.traffic.asked import Asked, function_of, lambda_usd, server_of, servers_usd
from resnet_bench.analysis.traffic.outcome import LambdaOutcome, Outcome, ServerOutcome
from resnet_bench.analysis.traffic.servers import Autoscaling
from resnet_bench.analysis.traffic.simulate import simulate_lambda, simulate_servers
from resnet_bench.analysis.workload import Workload
from resnet_bench.prices.costs import total
from resnet_bench.prices.servers import Server as Rented
from resnet_bench.prices.table import Prices
from resnet_bench.progress import SILENT, Progress

# Rates are known to a factor of 10^(1 / (points a decade x 2^halvings)): 4 % with two points.
_HALVINGS = 5
# Beyond so many no search goes on: the account's quota of instances, and patience.
_MOST_SERVERS = 10_000
# So many calls a month that fixed costs and cold starts hardly count.
_MANY = 1e6
Winner = Literal["lambda", "server", "neither"]
Draw = Callable[[float], Arrivals]


def cheapest(found: Sequence[Workload], prices: Prices) -> Workload:
    """The engine whose calls cost least on Lambda."""
    return min(found, key=lambda one: total(lambda_month(one, prices, _MANY)))


@dataclass(frozen=True)
class Point:
    """Both sides at ``rate`` requests a second; ``count`` servers on average; whether each side keeps the objective."""

    rate: float
    on_lambda: LambdaOutcome
    lambda_usd: float
    lambda_keeps: bool
    on_servers: ServerOutcome
    count: float
    servers_usd: float
    servers_keep: bool

    @property
    def winner(self) -> Winner:
        """The cheaper of the sides that keep the objective; without one, of those that refuse next to nothing."""
        if self.lambda_keeps and (self.lambda_usd <= self.servers_usd or not self.servers_keep):
            return "lambda"
        return "server" if self.servers_keep else "neither"

    @property
    def faster(self) -> Winner:
        """By p99 of the answers."""
        here, there = self.on_servers.percentile(99).value, self.on_lambda.percentile(99).value
        return "server" if here <= there else "lambda"


@dataclass(frozen=True)
class Change:
    """About ``rate``, ``what`` passes from one side to the other as requests become more."""

    what: Literal["choice", "p99"]
    rate: float
    before: Winner
    after: Winner


@dataclass(frozen=True)
class TrafficPlan:
    """``pattern`` in words; ``points`` by rising rate."""

    workload: Workload
    rented: Rented
    asked: Asked
    pattern: str
    points: tuple[Point, ...]
    changes: tuple[Change, ...]


class Planner:
    """Simulates one workload against one kind of server. ``arrivals`` makes the traffic of a rate."""

    def __init__(self, workload: Workload, prices: Prices, rented: Rented, asked: Asked, arrivals: Draw) -> None:
        self._workload, self._prices, self._rented, self._asked = workload, prices, rented, asked
        self._arrivals = arrivals
        self._points: dict[float, Point] = {}

    def plan(self, rates: Sequence[float], progress: Progress = SILENT) -> TrafficPlan:
        """Every rate, then what lies between two that differ."""
        steps = len(rates) + 2 * _HALVINGS
        points = []
        for number, rate in enumerate(rates):
            progress.step(f"simulating {number + 1} of {len(rates)} rates", number / steps)
            points.append(self.point(rate))
        progress.step("looking for where the choice changes", len(rates) / steps)
        changes = tuple(
            change
            for low, high in pairwise(points)
            for change in (self._choice(low, high), self._p99(low, high))
            if change
        )
        return TrafficPlan(
            workload=self._workload,
            rented=self._rented,
            asked=self._asked,
            pattern=self._arrivals(rates[0]).description,
            points=tuple(points),
            changes=changes,
        )

    def point(self, rate: float) -> Point:
        """Simulated once: looking for where the choice changes and where the faster side does meets the same rates."""
        if rate not in self._points:
            self._points[rate] = self._simulated(rate)
        return self._points[rate]

    def _simulated(self, rate: float) -> Point:
        asked, arrivals = self._asked, self._arrivals(rate)
        on_lambda = simulate_lambda(arrivals, function_of(self._workload, asked), asked.seed)
        on_servers = self._servers(arrivals)
        return Point(
            rate=arrivals.rate,
            on_lambda=on_lambda,
            lambda_usd=lambda_usd(self._workload, self._prices, on_lambda, arrivals.rate, asked.days),
            lambda_keeps=keeps(on_lambda, asked.objective),
            on_servers=on_servers,
            count=on_servers.mean_count,
            servers_usd=servers_usd(self._rented, on_servers.mean_count, asked.days),
            servers_keep=keeps(on_servers, asked.objective),
        )

    def _servers(self, arrivals: Arrivals) -> ServerOutcome:
        asked = self._asked
        if isinstance(asked.servers, int):
            return self._of(arrivals, asked.servers)
        if asked.servers == "scaling":
            return self._of(arrivals, Autoscaling(start_s=asked.scale_delay_s))
        return self._fewest(arrivals)

    def _of(self, arrivals: Arrivals, scaling: int | Autoscaling) -> ServerOutcome:
        return simulate_servers(arrivals, server_of(self._workload, self._rented, scaling), self._asked.seed)

    def _fewest(self, arrivals: Arrivals) -> ServerOutcome:
        """As few as keep the objective; where no number does, as many as the mean load takes.

        Without an objective those are the fewest too, unless they refuse requests: fewer would let everybody wait.
        """
        asked = self._asked
        usual = max(1, math.ceil(arrivals.rate / capacity(self._workload, self._rented)))
        if asked.objective is not None and not self._could(asked.objective):
            return self._of(arrivals, usual)
        low, high = usual - 1 if asked.objective is None else 0, usual
        found = self._of(arrivals, high)
        while not keeps(found, asked.objective) and high < _MOST_SERVERS:
            low, high = high, 2 * high
            found = self._of(arrivals, high)
        while high - low > 1:
            middle = (low + high) // 2
            tried = self._of(arrivals, middle)
            if keeps(tried, asked.objective):
                high, found = middle, tried
            else:
                low = middle
        return found

    def _could(self, objective: Objective) -> bool:
        """Whether calls that never wait would keep it: no number of servers makes them faster."""
        values = server_of(self._workload, self._rented, 1).service.values
        return fmean(value <= objective.limit_s for value in values) * 100 >= objective.percent

    def _choice(self, low: Point, high: Point) -> Change | None:
        return self._between("choice", low, high, lambda point: point.winner)

    def _p99(self, low: Point, high: Point) -> Change | None:
        return self._between("p99", low, high, lambda point: point.faster)

    def _between(
        self, what: Literal["choice", "p99"], low: Point, high: Point, read: Callable[[Point], Winner]
    ) -> Change | None:
        """By halving on a logarithmic scale; of several changes between two rates one is found."""
        before = read(low)
        if read(high) == before:
            return None
        for _ in range(_HALVINGS):
            middle = self.point(math.sqrt(low.rate * high.rate))
            low, high = (middle, high) if read(middle) == before else (low, middle)
        return Change(what, math.sqrt(low.rate * high.rate), before, read(high))


# What may be refused of a side that is asked for no objective: the odd request in a rush.
TOLERATED = 1e-3


def keeps(outcome: Outcome, objective: Objective | None) -> bool:
    """Whether a side does what was asked; refused requests are ones that never end."""
    if objective is None:
        return outcome.refused.value <= TOLERATED
    return outcome.percentile_of_all(objective.percent).value <= objective.limit_s
