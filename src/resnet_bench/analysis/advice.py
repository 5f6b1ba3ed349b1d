"""What to choose, and on which condition: the measured times of both sides, and what each would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import fmean
from typing import Literal

from resnet_bench.analysis.cost import (
    BreakEven,
    Terms,
    break_even,
    capacity,
    lambda_month,
    requests_a_month,
    servers_count,
)
from resnet_bench.analysis.ground import require_ground
from resnet_bench.analysis.objective import Judged, Objective, judge
from resnet_bench.analysis.workload import Workload, require_cold, workloads
from resnet_bench.benchmark.ratios import Ratio, paired_ratio
from resnet_bench.benchmark.series import paired
from resnet_bench.benchmark.stats import MIN_SAMPLES, Summary, median, summarise
from resnet_bench.errors import ResultError
from resnet_bench.prices.costs import total
from resnet_bench.prices.servers import Server
from resnet_bench.prices.table import Prices
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run

# So many calls a month that no environment is cold and no fixed cost counts: what one call more costs.
_MANY = 1e9
Better = Literal["server", "lambda", "alike"]


@dataclass(frozen=True)
class Side2Side:
    """One engine on both sides, by what a report on deployments would otherwise hold opinions on.

    Times in seconds, ``ratio`` is Lambda over local; money in dollars, rates in calls a second. ``per_second`` is what
    one unit (a server, an environment) carries when it is never idle.
    """

    engine: str
    local: Summary
    remote: Summary
    ratio: Ratio | None
    local_start_s: float | None
    cold_s: float
    cold_count: int
    server_month_usd: float
    lambda_idle_usd: float
    server_million_usd: float
    lambda_million_usd: float
    workers: int
    server_per_second: float
    environment_per_second: float
    crossing: BreakEven


@dataclass(frozen=True)
class Advice:
    """``on_lambda`` and ``on_server`` are the engines to take there; ``crossing`` is of those two.

    ``first_answer_s`` is the median of the cold calls with ``on_lambda``; ``servers`` how many are needed just above
    the crossing; ``missed`` the objectives that a side does not keep with its engine.
    """

    on_lambda: Workload
    on_server: Workload
    server: Server
    crossing: BreakEven
    servers: int
    first_answer_s: float
    missed: dict[Side, tuple[Objective, ...]]
    engines: tuple[Side2Side, ...]


def advise(run: Run, prices: Prices, server: Server, objectives: Sequence[Objective] = ()) -> Advice:
    """
    Raises:
        ResultError: the run is no ground for advice; it says what would be.
    """
    require_ground(run)
    found = workloads(run)
    for one in found:
        require_cold(one)
        if min(len(one.local_s), len(one.remote_s)) < MIN_SAMPLES:
            raise ResultError(f"it takes {MIN_SAMPLES} warm pairs at least", "try --runs 60")
    on_lambda = min(found, key=lambda one: _million_on_lambda(one, prices))
    on_server = max(found, key=lambda one: capacity(one, server))
    both = replace(on_lambda, local_s=on_server.local_s, local_threads=on_server.local_threads)
    crossing = break_even(both, prices, server, interval=True)
    above = (crossing.first_rate or 0.0) * 1.01
    judged = [(objective, one) for objective in objectives for one in judge(run, objective)]
    return Advice(
        on_lambda=on_lambda,
        on_server=on_server,
        server=server,
        crossing=crossing,
        servers=servers_count(both, server, above),
        first_answer_s=median(on_lambda.cold_s),
        missed={
            "local": _missed(judged, "local", on_server.engine),
            "remote": _missed(judged, "remote", on_lambda.engine),
        },
        engines=tuple(_side_by_side(run, one, prices, server) for one in found),
    )


def _missed(judged: Sequence[tuple[Objective, Judged]], side: Side, engine: str) -> tuple[Objective, ...]:
    return tuple(objective for objective, one in judged if (one.side, one.engine) == (side, engine) and not one.kept)


def _side_by_side(run: Run, one: Workload, prices: Prices, server: Server) -> Side2Side:
    pairs = paired(run, engine=one.engine)
    local, remote = summarise(one.local_s), summarise(one.remote_s)
    assert local is not None  # noqa: S101 - a workload has calls of both sides
    assert remote is not None  # noqa: S101
    at_aim = capacity(one, server)
    return Side2Side(
        engine=one.engine,
        local=local,
        remote=remote,
        ratio=paired_ratio(pairs.remote, pairs.local, pairs.images),
        local_start_s=median(one.local_start_s) if one.local_start_s else None,
        cold_s=median(one.cold_s),
        cold_count=len(one.cold_s),
        server_month_usd=float(server.usd),
        lambda_idle_usd=float(total(lambda_month(one, prices, 0))),
        server_million_usd=float(server.usd) / requests_a_month(at_aim) * 1e6,
        lambda_million_usd=_million_on_lambda(one, prices),
        workers=max(1, server.vcpus // one.local_threads),
        server_per_second=capacity(one, server, Terms(utilisation=inf)),
        environment_per_second=1 / fmean(one.busy_s),
        crossing=break_even(one, prices, server),
    )


def _million_on_lambda(one: Workload, prices: Prices) -> float:
    """What a million calls more cost, where many come already."""
    return float(total(lambda_month(one, prices, 2 * _MANY)) - total(lambda_month(one, prices, _MANY))) / _MANY * 1e6
