"""What the stack costs: quantities times list prices, each line with both, so that it can be checked by hand.

Free tiers are not subtracted: whether an account still has them cannot be known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from resnet_bench.prices.table import Price, Prices

# "HTTP API requests are metered in 512 KB increments" (API Gateway pricing page).
_API_UNIT_BYTES = 512 * 1024
_MB_OF_A_GB = 1024
# Custom metrics are charged by the hour in which they are sent (CloudWatch pricing page); a month there has 730.
_HOURS_A_MONTH = 730
_HOURS_A_DAY = 24
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Cost:
    """``usd`` is ``quantity`` times ``price``, a price for one of its units."""

    what: str
    quantity: Decimal
    price: Price

    @property
    def usd(self) -> Decimal:
        return self.quantity * self.price.usd


@dataclass(frozen=True)
class Usage:
    """Calls of one function; times in seconds as Lambda bills them, ``upload_bytes`` of one request as it is sent."""

    warm_count: int
    cold_count: int
    warm_s: float
    cold_s: float
    upload_bytes: int
    log_bytes: int
    metrics_count: int
    hours: int

    @property
    def calls_count(self) -> int:
        return self.warm_count + self.cold_count


@dataclass(frozen=True)
class Flood:
    """Calls of a day by strangers: ``rate`` a second, each billed for ``billed_s``; the rest as in ``Usage``."""

    rate: int
    billed_s: float
    upload_bytes: int
    log_bytes: int
    metrics_count: int


def total(costs: Iterable[Cost]) -> Decimal:
    return sum((cost.usd for cost in costs), Decimal(0))


def gb_seconds(memory_mb: int, seconds: float) -> Decimal:
    """Memory in GB times billed time: Lambda's unit (Lambda pricing page: 1 GB is 1024 MB)."""
    return Decimal(memory_mb) / _MB_OF_A_GB * Decimal(str(seconds))


def api_units(upload_bytes: int) -> int:
    """How many requests the HTTP API counts for one upload."""
    return max(1, -(-upload_bytes // _API_UNIT_BYTES))


def costs_of_calls(prices: Prices, usage: Usage, *, memory_mb: int, architecture: str) -> tuple[Cost, ...]:
    """What that many calls through the HTTP API cost, all of them traced."""
    calls = Decimal(usage.calls_count)
    billed_s = usage.warm_count * usage.warm_s + usage.cold_count * usage.cold_s
    return (
        Cost("Lambda, time", gb_seconds(memory_mb, billed_s), prices[f"lambda_gb_s_{architecture}"]),
        Cost("Lambda, requests", calls, prices["lambda_request"]),
        Cost("HTTP API", calls * api_units(usage.upload_bytes), prices["http_api_request"]),
        Cost("X-Ray, recorded", calls, prices["trace_recorded"]),
        Cost("X-Ray, retrieved", calls, prices["trace_retrieved"]),
        Cost("logs", _log_gb(calls, usage.log_bytes), prices["log_gb"]),
        Cost("custom metrics", _metric_months(usage.metrics_count, usage.hours), prices["metric_month"]),
    )


def costs_of_a_month(prices: Prices, *, stored_gb: float) -> tuple[Cost, ...]:
    """What a stack costs that nobody calls."""
    return (
        Cost("dashboard", Decimal(1), prices["dashboard_month"]),
        Cost("ECR, images", Decimal(str(stored_gb)), prices["ecr_gb_month"]),
    )


def costs_of_a_flood(prices: Prices, flood: Flood, *, memory_mb: int, architecture: str) -> tuple[Cost, ...]:
    """What strangers could make a public address cost in a day, about: the stage's rate a second, all the time.

    That rate is a target and not a ceiling (API Gateway developer guide, throttling). Calls are traced as X-Ray samples
    without being asked: one a second and 5 % of the rest (X-Ray developer guide, the default rule).
    """
    rate = flood.rate
    calls = Decimal(rate * SECONDS_A_DAY)
    traced = (1 + Decimal("0.05") * max(0, rate - 1)) * SECONDS_A_DAY
    return (
        Cost("Lambda, time", gb_seconds(memory_mb, flood.billed_s) * calls, prices[f"lambda_gb_s_{architecture}"]),
        Cost("Lambda, requests", calls, prices["lambda_request"]),
        Cost("HTTP API", calls * api_units(flood.upload_bytes), prices["http_api_request"]),
        Cost("X-Ray, recorded", traced, prices["trace_recorded"]),
        Cost("logs", _log_gb(calls, flood.log_bytes), prices["log_gb"]),
        Cost("custom metrics", _metric_months(flood.metrics_count, _HOURS_A_DAY), prices["metric_month"]),
    )


def _log_gb(calls: Decimal, log_bytes: int) -> Decimal:
    return calls * log_bytes / 1024**3


def _metric_months(metrics_count: int, hours: int) -> Decimal:
    return Decimal(metrics_count * hours) / _HOURS_A_MONTH
