"""What a server costs for a month in which it never stops: one that is rented, or one of your own."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from resnet_bench.errors import UsageError
from resnet_bench.prices.costs import HOURS_A_MONTH, Cost, total
from resnet_bench.prices.table import Price, Prices

DEFAULT_INSTANCE = "c7i.large"
# Room for the system, one engine with its libraries, and the weights; AWS's own images of Linux start with as much.
DISK_GB = 8
_MONTHS_A_YEAR = 12
_OWN = "your figure, no list price"
# The share of its CPUs that a burstable instance may use all the time (EC2 user guide, key concepts for burstable
# performance instances). What goes beyond costs credits, and then either stops or is charged for.
_BASELINES = {"nano": 0.05, "micro": 0.1, "small": 0.2, "medium": 0.2, "large": 0.3, "xlarge": 0.4, "2xlarge": 0.4}
_BURSTABLE = re.compile(r"(?:t3|t3a|t4g)\.(\w+)")


@dataclass(frozen=True)
class Server:
    """``month`` is what one costs; ``baseline`` the share of its CPUs that it may use all the time.

    ``assumptions`` say in words what the costs stand on. ``memory_gb`` is ``None`` where nobody told.
    """

    name: str
    vcpus: int
    month: tuple[Cost, ...]
    assumptions: tuple[str, ...]
    memory_gb: float | None = None
    baseline: float = 1.0

    @property
    def usd(self) -> Decimal:
        return total(self.month)


def instance(prices: Prices, name: str) -> Server:
    """An EC2 instance with a disk and a public address.

    Raises:
        UsageError: no price of it is known.
    """
    kind = prices.instances.get(name)
    if kind is None:
        raise UsageError(
            f"no price of an instance {name} is known in {prices.region}",
            f"known are {', '.join(sorted(prices.instances))}; to ask AWS: "
            f"resnet-bench cost --refresh-prices --instance {name}",
        )
    hours = Decimal(HOURS_A_MONTH)
    month = (
        Cost("instance", hours, kind.hour),
        Cost("disk, gp3", Decimal(DISK_GB), prices["disk_gb_month"]),
        Cost("public IPv4 address", hours, prices["ipv4_hour"]),
    )
    about = (
        f"{name}: {kind.vcpus} vCPUs, {kind.memory_gb:g} GB, {kind.architecture}, Linux, on demand, never stopped, "
        f"with {DISK_GB} GB of disk and a public IPv4 address"
    )
    baseline = _baseline(name)
    burstable = f"{name}: burstable, so that it is used to {baseline:.0%} at most"
    assumptions = (about,) if baseline == 1 else (about, burstable)
    return Server(name, kind.vcpus, month, assumptions, kind.memory_gb, baseline)


def own_machine(*, price_usd: float, watts: float, life_years: float, kwh_usd: float, vcpus: int) -> Server:
    """A machine like this one, bought once and never switched off. ``watts`` is what it draws on average.

    Raises:
        UsageError: a figure is negative or no number, or the life is nothing.
    """
    figures = {"--own-price": price_usd, "--watts": watts, "--kwh": kwh_usd, "--life": life_years}
    for option, value in figures.items():
        if not (math.isfinite(value) and value >= 0) or (option == "--life" and value == 0):
            raise UsageError(f"{option} is {value:g}", "give a positive number, of dollars, watts or years")
    months = Decimal(1) / (_MONTHS_A_YEAR * Decimal(str(life_years)))
    about = (
        f"your machine: {price_usd:,.2f} USD over {life_years:g} years, {watts:g} W all the time at {kwh_usd:g} USD a "
        "kWh; nothing for its place, its line and whoever looks after it"
    )
    energy_kwh = Decimal(str(watts)) / 1000 * HOURS_A_MONTH
    return Server(
        name="your machine",
        vcpus=vcpus,
        month=(
            Cost("purchase", months, Price(Decimal(str(price_usd)), "machine", _OWN)),
            Cost("electricity", energy_kwh, Price(Decimal(str(kwh_usd)), "kWh", _OWN)),
        ),
        assumptions=(about,),
    )


def _baseline(name: str) -> float:
    match = _BURSTABLE.fullmatch(name)
    return _BASELINES.get(match[1], 1.0) if match else 1.0
