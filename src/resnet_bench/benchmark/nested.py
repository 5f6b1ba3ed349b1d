"""One remote call by three clocks, each inside the one before: client >= platform >= handler.

Only durations are compared, never moments of two machines; what one clock has beyond the next is a value of its own,
so that a waterfall adds up.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from resnet_bench.benchmark.series import STAGES
from resnet_bench.results.records import Answer, ClientTimes, Sample, StageTimes, TraceTimes


@dataclass(frozen=True)
class Nested:
    """Totals in seconds, ``platform_s`` being the trace's.

    Without a trace it is ``None``, ``network_s`` and ``platform_rest_s`` are too, and ``client_rest_s`` holds both.
    A negative remainder means that the clocks contradict each other.
    """

    client_s: float
    platform_s: float | None
    handler_s: float

    @property
    def network_s(self) -> float | None:
        """Client less platform: preparing and sending the image, network, gateway."""
        return None if self.platform_s is None else self.client_s - self.platform_s

    @property
    def platform_rest_s(self) -> float | None:
        """Platform less handler: start-up, runtime, the platform's own work."""
        return None if self.platform_s is None else self.platform_s - self.handler_s

    @property
    def client_rest_s(self) -> float:
        """Client less handler: all that a remote call costs besides the handler."""
        return self.client_s - self.handler_s


def nested(sample: Sample) -> Nested | None:
    """The totals of an answered remote call; ``None`` of any other."""
    if not isinstance(sample.outcome, Answer) or not isinstance(sample.client, ClientTimes):
        return None
    stages = sample.outcome.stages
    return Nested(
        client_s=sample.client.total_s,
        platform_s=sample.trace.total_s if isinstance(sample.trace, TraceTimes) else None,
        handler_s=stages.total_s,
    )


def stages_sum(stages: StageTimes) -> float:
    """The stages that were timed, without what lies between them."""
    return fsum(value for name in STAGES if (value := getattr(stages, f"{name}_s")) is not None)
