"""What a deployment will cost, by assumptions that are printed with it."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_bench.aws.stack.template import LARGEST_UPLOAD_BYTES, TIMEOUT_S, Wanted
from resnet_bench.prices.costs import Cost, Flood, Usage, costs_of_a_flood, costs_of_a_month, costs_of_calls
from resnet_bench.prices.table import Prices

RUNS = 60
# Nothing of this was measured on the account that pays: rounded up from the emulated Lambda (docs/architecture.md).
_USAGE = Usage(
    warm_count=RUNS,
    cold_count=3,  # as compare makes by default
    warm_s=1.0,
    cold_s=10.0,
    upload_bytes=512 * 1024,
    log_bytes=4096,
    metrics_count=10,  # eight of the handler's, two of the log's metric filters
    hours=1,
)
_IMAGES_COUNT, _IMAGE_GB = 3, 0.5


@dataclass(frozen=True)
class Estimate:
    """``flood`` is empty unless anyone may call."""

    month: tuple[Cost, ...]
    runs: tuple[Cost, ...]
    flood: tuple[Cost, ...]


def estimate(prices: Prices, wanted: Wanted) -> Estimate:
    return Estimate(
        month=costs_of_a_month(prices, stored_gb=_IMAGES_COUNT * _IMAGE_GB),
        runs=costs_of_calls(prices, _USAGE, memory_mb=wanted.memory_mb, architecture=wanted.architecture),
        flood=_flood(prices, wanted) if wanted.public else (),
    )


def assumptions(wanted: Wanted) -> tuple[str, ...]:
    """In words, what the figures of ``estimate`` stand on."""
    used = _USAGE
    assumed = (
        f"assumed, not measured: {used.warm_count} calls of {used.warm_s:g} s and {used.cold_count} cold starts of "
        f"{used.cold_s:g} s at {wanted.memory_mb} MB; requests of up to {used.upload_bytes // 1024} KB; "
        f"{used.log_bytes // 1024} KB of log a call; {used.metrics_count} custom metrics for {used.hours} hour; "
        f"{_IMAGES_COUNT} images of {_IMAGE_GB:g} GB kept"
    )
    free = "free tiers are not subtracted (of Lambda: 1,000,000 requests and 400,000 GB-s a month)"
    strangers = (
        f"of strangers: {wanted.rate} requests a second, about, since that is the stage's target and not a ceiling, "
        f"each of {LARGEST_UPLOAD_BYTES // 1024**2} MB and running into the time-out of {TIMEOUT_S} s; "
        f"{used.log_bytes // 1024} KB of log a call and {used.metrics_count} custom metrics here too"
    )
    return (assumed, free, strangers) if wanted.public else (assumed, free)


def _flood(prices: Prices, wanted: Wanted) -> tuple[Cost, ...]:
    return costs_of_a_flood(
        prices,
        Flood(
            rate=wanted.rate,
            billed_s=TIMEOUT_S,
            upload_bytes=LARGEST_UPLOAD_BYTES,
            log_bytes=_USAGE.log_bytes,
            metrics_count=_USAGE.metrics_count,
        ),
        memory_mb=wanted.memory_mb,
        architecture=wanted.architecture,
    )
