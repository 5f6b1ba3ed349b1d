"""Both sides, simulated: arrivals one chunk after the other, calls drawn from the measured ones.

Both meet the same arrivals and draw with the same random numbers, so that they differ by what they are and not by
chance. The simulation is NumPy's wherever a request does not depend on the one before, and a loop over plain numbers
elsewhere: an event loop such as SimPy's would take some hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from resnet_bench.analysis.traffic.arrivals import Arrivals, Chunk, Flags, Floats
from resnet_bench.analysis.traffic.draws import Measured
from resnet_bench.analysis.traffic.environments import Environments
from resnet_bench.analysis.traffic.outcome import LambdaOutcome, ServerOutcome
from resnet_bench.analysis.traffic.servers import Autoscaled, Autoscaling, Fixed, Servers
from resnet_bench.analysis.traffic.tally import Tally

# HTTP API integrations end after 30 s at most (API Gateway developer guide, quotas).
GATEWAY_TIME_OUT_S = 30.0
# A new account's quota of concurrent executions (Lambda developer guide, quotas); some have less at first.
CONCURRENCY_LIMIT = 1000
KEEP_ALIVE_S = 600.0


@dataclass(frozen=True)
class Calls:
    """Calls of a function: how long the client waits, how long its environment is occupied, what is billed."""

    total: Measured
    busy: Measured
    billed: Measured


@dataclass(frozen=True)
class Function:
    """``too_large`` is the share of requests above Lambda's payload limit."""

    warm: Calls
    cold: Calls
    too_large: float = 0.0
    keep_alive_s: float = KEEP_ALIVE_S
    concurrency_limit: int = CONCURRENCY_LIMIT


@dataclass(frozen=True)
class Server:
    """``workers`` serve one request each at a time; ``scaling``: a fixed number, or rules."""

    service: Measured
    workers: int
    scaling: int | Autoscaling

    def open(self) -> Servers:
        if isinstance(self.scaling, int):
            return Fixed(self.scaling, self.workers)
        return Autoscaled(self.scaling, self.workers)


class _Draws(NamedTuple):
    """Uniform numbers, one a request: of its warm call, of its cold start, of its size."""

    warm: Floats
    cold: Floats
    size: Floats


def simulate_lambda(arrivals: Arrivals, function: Function, seed: int) -> LambdaOutcome:
    tally = Tally()
    environments = Environments(function.keep_alive_s, function.concurrency_limit)
    for chunk, draws in _chunks(arrivals, seed):
        fits = draws.size >= function.too_large
        served = environments.serve(
            chunk.times[fits].tolist(),
            function.warm.busy.drawn(draws.warm[fits]).tolist(),
            function.cold.busy.drawn(draws.cold[fits]).tolist(),
        )
        places = np.flatnonzero(fits)
        cold, throttled = np.zeros(len(fits), dtype=bool), np.zeros(len(fits), dtype=bool)
        cold[places[served.cold]] = True
        throttled[places[served.throttled]] = True
        _count_calls(tally, chunk, draws, function, cold=cold, admitted=fits & ~throttled)
    return LambdaOutcome(tally, arrivals.stands_for_s, environments.peak_count)


def _count_calls(
    tally: Tally, chunk: Chunk, draws: _Draws, function: Function, *, cold: Flags, admitted: Flags
) -> None:
    totals = np.where(cold, function.cold.total.drawn(draws.cold), function.warm.total.drawn(draws.warm))
    billed = np.where(cold, function.cold.billed.drawn(draws.cold), function.warm.billed.drawn(draws.warm))
    answered = admitted & (totals <= GATEWAY_TIME_OUT_S)
    sums = {
        "cold": cold,
        "admitted": admitted,
        "throttled": (draws.size >= function.too_large) & ~admitted,
        "timed_out": admitted & ~answered,
        "billed_s": np.where(admitted, billed, 0.0),
    }
    _add(tally, chunk, totals, answered, sums)


def simulate_servers(arrivals: Arrivals, server: Server, seed: int) -> ServerOutcome:
    tally = Tally()
    servers = server.open()
    server_s = 0.0
    for chunk, draws in _chunks(arrivals, seed):
        service = server.service.drawn(draws.warm)
        waits = servers.serve(chunk, service)
        answered = np.isfinite(waits)
        sums = {"wait_s": np.where(answered, waits, 0.0), "work_s": np.where(answered, service, 0.0)}
        _add(tally, chunk, waits + service, answered, sums)
        server_s += chunk.weight * servers.server_s(chunk)
    return ServerOutcome(tally, arrivals.stands_for_s, server_s, server.workers, servers.peak_count)


def _add(tally: Tally, chunk: Chunk, latencies: Floats, answered: Flags, sums: dict[str, Floats | Flags]) -> None:
    common = {"refused": ~answered, "answered": answered, "latency_s": np.where(answered, latencies, 0.0)}
    tally.add(chunk, np.where(answered, latencies, np.nan), sums | common)


def _chunks(arrivals: Arrivals, seed: int) -> Iterator[tuple[Chunk, _Draws]]:
    coming, drawing = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    for chunk in arrivals.chunks(coming):
        yield chunk, _Draws(*drawing.random((3, len(chunk.times))))
