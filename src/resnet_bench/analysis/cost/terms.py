"""What neither a measurement nor a price list tells and a month's cost depends on: assumptions, each with a default."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_bench.prices.costs import SECONDS_A_MONTH


@dataclass(frozen=True)
class Terms:
    """Requests come steadily: independent of each other, at one average rate (a Poisson process).

    ``traced_share`` is the fraction of calls that X-Ray records; ``None`` is its own sampling. ``keep_alive_s`` is how
    long an idle environment lives: AWS promises nothing, and measurements by others found some minutes to about an
    hour. ``utilisation`` is how far servers are used on average, so that requests seldom have to queue.
    """

    free_tier: bool = False
    traced_share: float | None = None
    keep_alive_s: float = 600.0
    utilisation: float = 0.6
    # START, END, the REPORT line and the handler's metrics as the emulated Lambda logs them, and the 26 bytes that
    # CloudWatch counts beside each event.
    log_bytes: int = 1_300
    # An image with one engine adds 0.24 GB to its base (docs/architecture.md).
    stored_gb: float = 0.5


def per_second(requests_a_month: float) -> float:
    """A month has 730 hours, as on AWS's bills."""
    return requests_a_month / SECONDS_A_MONTH


def requests_a_month(per_second: float) -> float:
    return per_second * SECONDS_A_MONTH
