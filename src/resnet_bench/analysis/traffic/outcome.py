"""What a simulation found, as figures with the simulation's own interval."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_bench.analysis.traffic.latencies import Estimate
from resnet_bench.analysis.traffic.tally import Tally


@dataclass(frozen=True)
class Outcome:
    """``requests`` is what the ``simulated_count`` stand for, in ``stands_for_s`` of real time."""

    tally: Tally
    stands_for_s: float

    @property
    def simulated_count(self) -> int:
        return self.tally.simulated_count

    @property
    def requests(self) -> float:
        return self.tally.total("requests")

    @property
    def refused(self) -> Estimate:
        """The share of requests that got no answer, for whatever reason."""
        return self.tally.ratio("refused", "requests")

    def percentile(self, percent: float) -> Estimate:
        """Of the requests that were answered, in seconds."""
        return self.tally.percentile(percent)

    def percentile_of_all(self, percent: float) -> Estimate:
        """The same with refused requests as ones that never end: what an objective is held against."""
        return self.tally.percentile(percent, refused="refused")

    @property
    def mean_s(self) -> Estimate:
        return self.tally.ratio("latency_s", "answered")


@dataclass(frozen=True)
class LambdaOutcome(Outcome):
    """``environments_peak`` is the most that existed at once in the simulated time."""

    environments_peak: int

    @property
    def cold(self) -> Estimate:
        """The share of requests that met a cold start, of all that a function was started or found for."""
        return self.tally.ratio("cold", "admitted")

    @property
    def throttled(self) -> Estimate:
        return self.tally.ratio("throttled", "requests")

    @property
    def timed_out(self) -> Estimate:
        return self.tally.ratio("timed_out", "requests")

    @property
    def admitted(self) -> float:
        """Requests that Lambda is paid for."""
        return self.tally.total("admitted")

    @property
    def billed_s(self) -> float:
        return self.tally.total("billed_s")


@dataclass(frozen=True)
class ServerOutcome(Outcome):
    """``server_s``: seconds of servers in ``stands_for_s``, of ``workers`` workers each; ``peak_count``: the most."""

    server_s: float
    workers: int
    peak_count: int

    @property
    def mean_count(self) -> float:
        return float(self.server_s / self.stands_for_s)

    @property
    def utilisation(self) -> float:
        """Which share of their time the workers were busy."""
        return float(self.tally.total("work_s") / (self.server_s * self.workers))

    @property
    def wait_s(self) -> Estimate:
        """The mean wait of an answered request."""
        return self.tally.ratio("wait_s", "answered")
