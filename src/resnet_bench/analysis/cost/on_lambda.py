"""A month of steady requests on Lambda, behind an HTTP API: what is billed, line by line."""

from __future__ import annotations

import math
from decimal import Decimal

from resnet_bench.analysis.cost.terms import Terms, per_second
from resnet_bench.analysis.workload import Workload, require_cold
from resnet_bench.errors import ResultError
from resnet_bench.prices.costs import TRACED_SHARE, Calls, Cost, gb_seconds, of_calls
from resnet_bench.prices.table import Prices


def lambda_month(
    workload: Workload, prices: Prices, requests: float, terms: Terms | None = None, *, warm_s: float | None = None
) -> tuple[Cost, ...]:
    """What ``requests`` in a month cost, steadily spread; each line is a quantity and a price.

    A call is billed for the mean of the measured warm or cold ones; ``warm_s`` takes another mean for the warm ones (an
    end of its interval). With ``terms.free_tier`` lines with negative quantities take off what Lambda does not charge.

    Raises:
        ResultError: no cold start was measured, or nobody told the function's memory.
    """
    terms = terms or Terms()
    calls = _calls(workload, requests, terms, workload.billed_warm_mean_s if warm_s is None else warm_s)
    return (
        *of_calls(prices, calls),
        Cost("ECR, image", _decimal(terms.stored_gb), prices["ecr_gb_month"]),
        *(_free(prices, calls) if terms.free_tier else ()),
    )


def cold_share(rate: float, keep_alive_s: float) -> float:
    """The fraction of calls that meet no environment, where requests come at random and one at a time is enough.

    A call is cold if none came within the keep-alive before it: exp(-rate x keep-alive) for a Poisson process.
    """
    return math.exp(-rate * keep_alive_s)


def traced_share(rate: float) -> float:
    """The fraction that X-Ray's own sampling records: the first request of each second, and 5 % of the others."""
    first = -math.expm1(-rate) / rate if rate > 0 else 1.0
    return first + TRACED_SHARE * (1 - first)


def _calls(workload: Workload, requests: float, terms: Terms, warm_s: float) -> Calls:
    require_cold(workload)
    if workload.memory_mb is None:
        raise ResultError(
            "nobody told how much memory the function has, by which Lambda bills",
            "measure one whose memory is known: resnet-bench compare IMAGE --stack NAME",
        )
    rate = per_second(requests)
    cold = cold_share(rate, terms.keep_alive_s)
    billed_s = (1 - cold) * warm_s + cold * workload.billed_cold_mean_s
    traced = traced_share(rate) if terms.traced_share is None else terms.traced_share
    count = _decimal(requests)
    return Calls(
        count=count,
        gb_s=count * gb_seconds(workload.memory_mb, billed_s),
        architecture=workload.architecture,
        api_units=count * _decimal(workload.api_units_mean),
        traced=count * _decimal(traced),
        log_bytes=terms.log_bytes,
    )


def _free(prices: Prices, calls: Calls) -> tuple[Cost, ...]:
    free = prices.free_tier
    return (
        Cost("free tier, time", -min(calls.gb_s, free.gb_s), prices[f"lambda_gb_s_{calls.architecture}"]),
        Cost("free tier, requests", -min(calls.count, free.requests), prices["lambda_request"]),
    )


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
