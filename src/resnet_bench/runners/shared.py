"""One deployed handler that many clients call at once: none of them may hold up, change or close it for the others."""

from __future__ import annotations

from resnet_bench.errors import AwsError, RemoteError, ResnetBenchError
from resnet_bench.results.records import Sample, Skipped

_UNDER_LOAD = Skipped("not asked for under load: it would hold up the other clients")


class SharedEndpoint:
    """What is at ``url``, for one of its clients."""

    def __init__(self, url: str) -> None:
        self.url = url

    def force_cold(self) -> None:
        raise AwsError("a cold start cannot be forced while other clients call", "load it with more clients at once")

    def settle(self, environment_id: str) -> int | Skipped:  # noqa: ARG002 - Callee's signature
        return _UNDER_LOAD

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        """Nothing: whoever opened it closes it."""
