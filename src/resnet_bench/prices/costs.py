"""What calls and a stack cost: quantities times list prices, each line with both, so that it can be checked by hand.

Free tiers are not subtracted here: whether an account still has them cannot be known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from msgspec import Struct

from resnet_bench.prices.table import Price, Prices

# "HTTP API requests are metered in 512 KB increments" (API Gateway pricing page).
_API_UNIT_BYTES = 512 * 1024
_MB_OF_A_GB = 1024
# Custom metrics are charged by the hour in which they are sent (CloudWatch pricing page); a month there has 730.
HOURS_A_MONTH = 730
SECONDS_A_MONTH = HOURS_A_MONTH * 3600
_HOURS_A_DAY = 24
SECONDS_A_DAY = 86_400
# X-Ray records the first request of each second and this share of the others, unless told otherwise (X-Ray developer
# guide, the default rule).
TRACED_SHARE = 0.05


class Cost(Struct, frozen=True):
    """``usd`` is ``quantity`` times ``price``, a price for one of its units.

    No dataclass, which takes several times as long to make: a break-even makes ten thousand.
    """

    what: str
    quantity: Decimal
    price: Price

    @property
    def usd(self) -> Decimal:
        return self.quantity * self.price.usd


class Calls(Struct, frozen=True):
    """What Lambda, the HTTP API, X-Ray and the log count of some calls; not all of them whole numbers, if expected."""

    count: Decimal
    gb_s: Decimal
    architecture: str
    api_units: Decimal
    traced: Decimal
    log_bytes: int  # of one call


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


def of_calls(prices: Prices, calls: Calls) -> tuple[Cost, ...]:
    return (
        Cost("Lambda, time", calls.gb_s, prices[f"lambda_gb_s_{calls.architecture}"]),
        Cost("Lambda, requests", calls.count, prices["lambda_request"]),
        Cost("HTTP API", calls.api_units, prices["http_api_request"]),
        Cost("X-Ray, recorded", calls.traced, prices["trace_recorded"]),
        Cost("logs", calls.count * calls.log_bytes / 1024**3, prices["log_gb"]),
    )


def costs_of_calls(prices: Prices, usage: Usage, *, memory_mb: int, architecture: str) -> tuple[Cost, ...]:
    """What that many calls through the HTTP API cost, all of them traced and their traces read."""
    count = Decimal(usage.calls_count)
    billed_s = usage.warm_count * usage.warm_s + usage.cold_count * usage.cold_s
    calls = Calls(
        count=count,
        gb_s=gb_seconds(memory_mb, billed_s),
        architecture=architecture,
        api_units=count * api_units(usage.upload_bytes),
        traced=count,
        log_bytes=usage.log_bytes,
    )
    return (
        *of_calls(prices, calls),
        Cost("X-Ray, retrieved", count, prices["trace_retrieved"]),
        _metrics(prices, usage.metrics_count, usage.hours),
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
    without being asked.
    """
    count = Decimal(flood.rate * SECONDS_A_DAY)
    calls = Calls(
        count=count,
        gb_s=gb_seconds(memory_mb, flood.billed_s) * count,
        architecture=architecture,
        api_units=count * api_units(flood.upload_bytes),
        traced=(1 + Decimal(str(TRACED_SHARE)) * max(0, flood.rate - 1)) * SECONDS_A_DAY,
        log_bytes=flood.log_bytes,
    )
    return (*of_calls(prices, calls), _metrics(prices, flood.metrics_count, _HOURS_A_DAY))


def _metrics(prices: Prices, metrics_count: int, hours: int) -> Cost:
    return Cost("custom metrics", Decimal(metrics_count * hours) / HOURS_A_MONTH, prices["metric_month"])
