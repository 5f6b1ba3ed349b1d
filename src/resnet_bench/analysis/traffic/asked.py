"""What is asked of a plan, and how a measured workload becomes the two sides that are simulated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean
from typing import Literal

from resnet_bench.analysis.cost import Terms
from resnet_bench.analysis.cost.on_lambda import traced_share
from resnet_bench.analysis.objective import Objective
from resnet_bench.analysis.traffic.draws import Measured
from resnet_bench.analysis.traffic.outcome import LambdaOutcome
from resnet_bench.analysis.traffic.servers import Autoscaling
from resnet_bench.analysis.traffic.simulate import CONCURRENCY_LIMIT, KEEP_ALIVE_S, Calls, Function, Server
from resnet_bench.analysis.workload import Workload
from resnet_bench.prices.costs import Calls as Billed
from resnet_bench.prices.costs import Cost, gb_seconds, of_calls, total
from resnet_bench.prices.servers import Server as Rented
from resnet_bench.prices.table import Prices
from resnet_bench.wire import EVENT_LIMIT_BYTES

SECONDS_A_DAY = 86_400
_DAYS_A_MONTH = Decimal(365) / 12


@dataclass(frozen=True)
class Asked:
    """``servers``: so many, ``auto`` for the fewest that will do, ``scaling`` for as many as the load asks for.

    ``scale_delay_s`` is from asking for a server to its first answer.
    """

    days: float = 30.0
    objective: Objective | None = None
    keep_alive_s: float = KEEP_ALIVE_S
    concurrency_limit: int = CONCURRENCY_LIMIT
    servers: int | Literal["auto", "scaling"] = "auto"
    scale_delay_s: float = 120.0
    seed: int = 0


def function_of(workload: Workload, asked: Asked) -> Function:
    """A cold call occupies its environment for as long as Lambda bills it: initialisation and invocation."""
    return Function(
        warm=Calls(*map(Measured.of, (workload.remote_s, workload.busy_s, workload.billed_warm_s))),
        cold=Calls(*map(Measured.of, (workload.cold_s, workload.billed_cold_s, workload.billed_cold_s))),
        too_large=fmean(size > EVENT_LIMIT_BYTES for size in workload.upload_bytes) if workload.upload_bytes else 0.0,
        keep_alive_s=asked.keep_alive_s,
        concurrency_limit=asked.concurrency_limit,
    )


def server_of(workload: Workload, rented: Rented, scaling: int | Autoscaling) -> Server:
    """As many workers as the threads of one local call fit its CPUs, each as fast as a call here (an assumption).

    Where one call here had more threads than the server has CPUs, it takes longer there in proportion.
    """
    slower = max(1.0, workload.local_threads / rented.vcpus)
    service = Measured.of([seconds * slower for seconds in workload.local_s])
    return Server(service, max(1, rented.vcpus // workload.local_threads), scaling)


def lambda_bill(
    workload: Workload, prices: Prices, outcome: LambdaOutcome, rate: float, days: float
) -> tuple[Cost, ...]:
    """What the calls of so many days cost at ``rate`` requests a second, each as the simulated ones were billed."""
    terms = Terms()
    requests = Decimal(str(rate * days * SECONDS_A_DAY))
    admitted = requests * Decimal(str(outcome.admitted / outcome.requests))
    each_s = outcome.billed_s / outcome.admitted if outcome.admitted else 0.0
    assert workload.memory_mb is not None  # noqa: S101 - ``choose`` has refused such a workload
    calls = Billed(
        count=admitted,
        gb_s=admitted * gb_seconds(workload.memory_mb, each_s),
        architecture=workload.architecture,
        api_units=requests * Decimal(str(workload.api_units_mean)),
        traced=admitted * Decimal(str(traced_share(rate))),
        log_bytes=terms.log_bytes,
    )
    stored = Decimal(str(terms.stored_gb)) * Decimal(str(days)) / _DAYS_A_MONTH
    return (*of_calls(prices, calls), Cost("ECR, image", stored, prices["ecr_gb_month"]))


def lambda_usd(workload: Workload, prices: Prices, outcome: LambdaOutcome, rate: float, days: float) -> float:
    return float(total(lambda_bill(workload, prices, outcome, rate, days)))


def servers_usd(rented: Rented, count: float, days: float) -> float:
    """``count`` is the mean over the time."""
    return float(rented.usd) * count * days / float(_DAYS_A_MONTH)
