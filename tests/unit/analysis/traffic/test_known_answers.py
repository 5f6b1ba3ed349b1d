"""The simulation held against queues whose answers are known, within its own interval."""

from __future__ import annotations

import math

import numpy as np
import pytest

from resnet_bench.analysis.traffic.arrivals import Chunk
from resnet_bench.analysis.traffic.draws import Measured
from resnet_bench.analysis.traffic.patterns import Steady
from resnet_bench.analysis.traffic.servers import Autoscaled, Autoscaling
from resnet_bench.analysis.traffic.simulate import Calls, Function, Server, simulate_lambda, simulate_servers
from resnet_bench.benchmark.stats import Interval

# Quantiles of the exponential distribution with mean 1, so many that drawing from them is drawing from it.
_LEVELS = (np.arange(20_000) + 0.5) / 20_000
EXPONENTIAL = -np.log1p(-_LEVELS)
REQUESTS = 200_000


def within(interval: Interval | None, truth: float, *, slack: float = 1.6) -> bool:
    """In an interval a little wider than the simulation's own: 95 % of many seeds would not do for a test."""
    assert interval is not None
    middle, half = (interval.low + interval.high) / 2, (interval.high - interval.low) / 2 * slack
    return middle - half <= truth <= middle + half


def erlang_c(servers: int, offered: float) -> float:
    """The probability that an arrival waits (Kleinrock, "Queueing Systems", volume 1, 3.5)."""
    rest = sum(offered**k / math.factorial(k) for k in range(servers))
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return last / (rest + last)


def calls(seconds: float) -> Calls:
    constant = Measured.of([seconds])
    return Calls(constant, constant, constant)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (2, 0.7), (4, 0.8), (16, 0.9)])
def test_the_mean_wait_of_m_m_c_is_erlangs(servers: int, load: float) -> None:
    mean_s = 0.1
    rate = load * servers / mean_s
    service = Measured(EXPONENTIAL * mean_s)
    outcome = simulate_servers(Steady(rate, REQUESTS / rate), Server(service, 1, servers), seed=5)
    mean = float(service.values.mean())
    truth = erlang_c(servers, rate * mean) / (servers / mean - rate)
    assert within(outcome.wait_s.interval, truth)
    assert outcome.utilisation == pytest.approx(load, rel=0.02)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.85])
def test_the_mean_wait_of_m_d_1_is_pollaczeks_and_khinchines(load: float) -> None:
    service_s = 0.05
    rate = load / service_s
    outcome = simulate_servers(Steady(rate, REQUESTS / rate), Server(Measured.of([service_s]), 1, 1), seed=6)
    assert within(outcome.wait_s.interval, load * service_s / (2 * (1 - load)))


@pytest.mark.parametrize("waits_kept", [0.05, 0.5, 1.0, 3.0])
def test_the_cold_share_of_poisson_arrivals_is_the_chance_of_a_long_gap(waits_kept: float) -> None:
    keep_alive_s = 600.0
    rate = waits_kept / keep_alive_s
    instant = calls(1e-6)
    function = Function(instant, instant, keep_alive_s=keep_alive_s)
    outcome = simulate_lambda(Steady(rate, REQUESTS / rate), function, seed=7)
    assert within(outcome.cold.interval, math.exp(-waits_kept))


def test_littles_law_holds_for_what_is_in_the_queue() -> None:
    rate, service = 18.0, Measured(EXPONENTIAL * 0.1)
    outcome = simulate_servers(Steady(rate, REQUESTS / rate), Server(service, 1, 2), seed=8)
    in_system = outcome.mean_s.value * rate
    busy = outcome.utilisation * 2
    waiting = outcome.wait_s.value * rate
    assert in_system == pytest.approx(busy + waiting, rel=0.01)


def test_the_same_seed_gives_the_same_outcome_and_another_seed_another() -> None:
    def p99(seed: int) -> float:
        function = Function(calls(0.3), calls(1.5), keep_alive_s=60)
        return simulate_lambda(Steady(0.05, 20_000 / 0.05), function, seed).cold.value

    assert p99(1) == p99(1)
    assert p99(1) != p99(2)


def test_both_sides_meet_the_same_requests() -> None:
    arrivals = Steady(2.0, 10_000 / 2.0)
    served = simulate_servers(arrivals, Server(Measured.of([0.1]), 1, 4), seed=3)
    called = simulate_lambda(arrivals, Function(calls(0.3), calls(1.0)), seed=3)
    assert served.requests == called.requests


def test_what_is_too_large_or_too_long_is_refused() -> None:
    arrivals = Steady(1.0, 20_000.0)
    large = simulate_lambda(arrivals, Function(calls(0.3), calls(1.0), too_large=0.25), seed=3)
    assert large.refused.value == pytest.approx(0.25, abs=0.01)
    slow = simulate_lambda(arrivals, Function(calls(31.0), calls(32.0)), seed=3)
    assert slow.refused.value == 1.0
    assert slow.admitted == slow.requests, "what runs into the time-out is paid for"


def test_a_concurrency_limit_throttles_what_comes_at_once() -> None:
    arrivals = Steady(100.0, 300.0)
    outcome = simulate_lambda(arrivals, Function(calls(1.0), calls(1.0), concurrency_limit=50), seed=3)
    # M/G/c/c with 100 offered to 50: Erlang's B formula.
    blocked = 1.0
    for count in range(1, 51):
        blocked = 100 * blocked / (count + 100 * blocked)
    assert outcome.throttled.value == pytest.approx(blocked, rel=0.05)
    assert outcome.environments_peak == 50


def test_an_overloaded_queue_refuses_what_would_wait_too_long() -> None:
    outcome = simulate_servers(Steady(20.0, 20_000.0), Server(Measured.of([0.1]), 1, 1), seed=4)
    assert outcome.refused.value == pytest.approx(0.5, abs=0.01)
    assert outcome.percentile(99).value <= 30.2


@pytest.mark.parametrize("start_s", [30.0, 120.0, 400.0])
def test_a_server_that_starts_is_not_taken_for_work(start_s: float) -> None:
    """9 calls of 0.1 s a second keep 0.9 workers busy: at a target of 60 % that takes 2, however long one starts."""
    rate, end_s = 9.0, 3000.0
    times = (np.arange(int(rate * end_s)) + 0.5) / rate
    servers = Autoscaled(Autoscaling(start_s=start_s), workers=1)
    waits = servers.serve(Chunk(0.0, end_s, times, np.zeros(len(times), dtype=np.int64)), np.full(len(times), 0.1))
    assert servers.peak_count == 2
    assert waits.max() < 0.1


def test_autoscaling_ends_an_overload_after_its_delay_and_is_paid_by_the_hour() -> None:
    outcome = simulate_servers(Steady(20.0, 50_000.0), Server(Measured.of([0.1]), 1, Autoscaling()), seed=4)
    assert outcome.refused.value < 0.01
    assert 2.5 < outcome.mean_count < 6, "20 calls of 0.1 s at a target of 60 % take between 3 and 4 servers"
