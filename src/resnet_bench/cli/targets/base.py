"""The target seam: which Lambda the remote side is, and how it is reached.

Here in ``cli``, because only the command line may know both the emulator and the AWS clients that read its traces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from resnet_bench.cli.progress import Display
from resnet_bench.cli.variants import Asked
from resnet_bench.inference.model import Model
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Decode
from resnet_bench.runners.base import Endpoint, Runner
from resnet_bench.runners.deployed import Callee
from resnet_bench.runners.retrying import RetryPolicy
from resnet_bench.sandbox.limits.base import Limiter


@dataclass(frozen=True)
class Means:
    """What this machine puts at a target's disposal. ``model`` prepares the weights when it is first called.

    An endpoint goes into ``closing`` the moment that it is there, before anything is started or changed for it. By
    ``retries`` a call over the network is asked again.
    """

    model: Callable[[], Model]
    limiter: Limiter
    display: Display
    closing: ExitStack
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class Target(Protocol):
    """One kind of remote side; nothing runs and nothing is changed before ``open``.

    ``memory_mb`` is what is asked for, ``None`` where the target's own is taken as it is; ``forces_cold`` whether a
    cold start can be had at will; ``starts_cold`` whether the first call of all is one by nature; ``paced`` whether
    X-Ray samples its calls by their rate, so that a fast run is traced thinly. ``decode`` is how its function decodes
    images, and so this machine should.
    """

    @property
    def memory_mb(self) -> int | None: ...

    @property
    def forces_cold(self) -> bool: ...

    @property
    def starts_cold(self) -> bool: ...

    @property
    def paced(self) -> bool: ...

    @property
    def decode(self) -> Decode: ...

    def engines(self, asked: Asked) -> tuple[str, ...]:
        """The variants to measure: what was asked for (nothing: the target's choice).

        Raises:
            UsageError: this target does not run them.
            EngineError: none of them can run.
        """
        ...

    def open(self, engine: str, means: Means) -> tuple[Endpoint, Runner]:
        """The endpoint, and a runner that calls it; both are closed by ``means.closing``.

        Raises:
            ResnetBenchError: it cannot be reached, started or set as asked.
        """
        ...

    def between(self, endpoint: Any, engine: str, means: Means) -> Mapping[str, Runner]:
        """For ``explain``: the rungs between this machine and the endpoint that ``open`` gave, by their variant."""
        ...

    def caller(self, endpoint: Callee, engine: str) -> Runner:
        """A runner that calls it once for each classification, however that ends; whoever asks for it closes it."""
        ...

    def metrics(self, start_s: float, end_s: float) -> tuple[MetricSeries, ...]:
        """What CloudWatch shows of the time between (seconds since the epoch); nothing where it is not known whose."""
        ...
