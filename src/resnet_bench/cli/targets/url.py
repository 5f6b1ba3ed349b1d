"""A handler that somebody else has deployed, of which only its URL is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from urllib.parse import urlsplit

from msgspec.structs import replace

from resnet_bench.analysis.ladder import PROBE
from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.access.signing import Signer
from resnet_bench.aws.access.waiting import ONCE, Waiting
from resnet_bench.aws.complete import complete
from resnet_bench.cli.options import RemoteOptions
from resnet_bench.cli.progress import Display
from resnet_bench.cli.targets.base import Means
from resnet_bench.cli.targets.emulated import LOG_GROUP
from resnet_bench.cli.targets.patience import patiently
from resnet_bench.cli.variants import Asked
from resnet_bench.errors import AwsError, RemoteError, ResnetBenchError, UsageError
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Answer, Decode, Sample, Skipped
from resnet_bench.results.run import Deployment, Enforcement
from resnet_bench.runners.base import Runner
from resnet_bench.runners.deployed import Callee
from resnet_bench.runners.probe import ProbeRunner
from resnet_bench.runners.remote import RemoteRunner, checked_url
from resnet_bench.runners.retrying import Retrying

_API_HOST = re.compile(r"[\w-]+\.execute-api\.([\w-]+)\.amazonaws\.com(?:\.cn)?")
# It can be had later, by whoever knows whose log it is: resnet-bench collect FILE --stack NAME.
_NO_LOG_GROUP = Skipped("a URL does not tell the function's log group", pending=True)


class UrlTarget:
    """``--url``: nothing can be set or forced there, and its function has one engine."""

    memory_mb = None
    forces_cold = starts_cold = False
    paced = True

    def __init__(self, remote: RemoteOptions, decode: Decode | None = None) -> None:
        assert remote.url is not None  # noqa: S101 - what makes it this target
        self.decode: Decode = decode or "exact"
        self._url = checked_url(remote.url)
        self._remote = remote
        self._account = Account(region=_region(self._url) or remote.region, profile=remote.profile)

    def engines(self, asked: Asked) -> tuple[str, ...]:
        names = asked.names()
        if len(names) != 1:
            raise UsageError("a URL is one function with one engine", "name it, as in --engine onnx")
        return names

    def open(self, engine: str, means: Means) -> tuple[UrlEndpoint, Retrying]:
        endpoint = UrlEndpoint(self._url, self._account, aws_url=self._remote.aws_url, display=means.display)
        return endpoint, Retrying(self.caller(endpoint, engine), means.retries, sleep=means.display.wait)

    def between(self, endpoint: UrlEndpoint, engine: str, means: Means) -> Mapping[str, Runner]:
        return {PROBE: Retrying(ProbeRunner(self.caller(endpoint, engine)), sleep=means.display.wait)}

    def metrics(self, start_s: float, end_s: float) -> tuple[MetricSeries, ...]:  # noqa: ARG002 - Target's signature
        return ()

    def caller(self, endpoint: Callee, engine: str) -> RemoteRunner:
        sign = Signer(self._account, self._account.region) if self._remote.sign else None
        return RemoteRunner(endpoint, engine, raw=self._remote.raw, decode=self.decode, sign=sign)


class UrlEndpoint:
    """``aws_url`` is where its traces can be asked for; default: AWS."""

    def __init__(self, url: str, account: Account, *, aws_url: str | None = None, display: Display) -> None:
        self.url = url
        self._account = account
        self._aws_url = aws_url
        self._client = cache(partial(client, endpoint_url=aws_url))
        self._display = display

    def deployment(self) -> Deployment:
        enforcement = Enforcement(
            mechanism="unknown",
            cpu_limited=True,
            memory_limited=True,
            description="how what answers at the URL is limited cannot be seen from here",
        )
        return Deployment(
            kind="url",
            memory_bytes=None,
            cpu_share=None,
            vcpus_count=None,
            enforcement=enforcement,
            region=_region(self.url),
        )

    def force_cold(self) -> None:
        raise AwsError("a cold start cannot be forced through a URL alone", "leave out --cold")

    def set_memory(self, memory_mb: int) -> None:  # noqa: ARG002 - Endpoint's signature
        raise AwsError("the memory of a function behind a URL cannot be set", "name its stack instead: --stack NAME")

    def settle(self, environment_id: str) -> int | Skipped:  # noqa: ARG002 - Endpoint's signature
        return Skipped("a deployed function's cgroup cannot be seen from outside")

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        """Traces from X-Ray, and REPORT lines from the logs where ``aws_url`` tells whose they are.

        A URL on AWS does not tell the function's log group.
        """
        return self._completed(samples, patiently(self._display))

    def refresh(self, samples: list[Sample]) -> list[Sample]:
        return self._completed(samples, ONCE)

    def _completed(self, samples: list[Sample], waiting: Waiting) -> list[Sample]:
        if not samples:
            return samples
        try:
            if self._aws_url is not None:
                xray, logs = self._client("xray"), self._client("logs")
                return complete(samples, xray, logs, LOG_GROUP, waiting=waiting)
            samples = [replace(sample, report=_NO_LOG_GROUP) if _is_answer(sample) else sample for sample in samples]
            if _region(self.url) is None:
                return _without_traces(samples, "the URL is not one of AWS's; name its X-Ray with --aws-url")
            return complete(samples, self._account.client("xray"), None, None, waiting=waiting)
        except AwsError as error:
            return _without_traces(samples, error.message)

    def close(self) -> None:
        pass


def _region(url: str) -> str | None:
    """``us-east-1`` of ``https://ID.execute-api.us-east-1.amazonaws.com``; ``None`` of any other address."""
    found = _API_HOST.fullmatch(urlsplit(url).hostname or "")
    return found[1] if found else None


def _without_traces(samples: list[Sample], reason: str) -> list[Sample]:
    missing = Skipped(reason, pending=True)
    return [replace(sample, trace=missing) if _pending(sample) else sample for sample in samples]


def _is_answer(sample: Sample) -> bool:
    return isinstance(sample.outcome, Answer)


def _pending(sample: Sample) -> bool:
    return isinstance(sample.trace, Skipped) and sample.trace.pending
