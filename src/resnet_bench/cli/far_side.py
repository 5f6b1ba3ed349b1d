"""What ``doctor`` finds out about a Lambda: credentials, and of a stack or URL that is named whether it answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resnet_bench.errors import AwsError, RemoteError, ResnetBenchError, UsageError
from resnet_bench.results.diagnosis import Finding, Verdict
from resnet_bench.results.records import Skipped

if TYPE_CHECKING:
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack import Deployed
    from resnet_bench.cli.options import RemoteOptions
    from resnet_bench.cli.progress import Display
    from resnet_bench.diagnosis.examine import Examination
    from resnet_bench.results.records import Sample
    from resnet_bench.runners.deployed import DeployedRunner

_DEFAULT_REGION = "us-east-1"
# Whoever may ask for a trace that does not exist may ask for those that do.
_NO_TRACE = "1-5e1b4151-000000000000000000000000"


def region_of(remote: RemoteOptions) -> str:
    """As the AWS clients would have it, or a usual one: only whether AWS is reached depends on it."""
    named = remote.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return named if named and named.replace("-", "").isalnum() else _DEFAULT_REGION


def examinations_of(remote: RemoteOptions, shown: Display) -> list[Examination]:
    """Of what is behind an account or an address.

    Raises:
        UsageError: both a stack and a URL are named.
    """
    if remote.stack is not None and remote.url is not None:
        raise UsageError("--stack and --url name two functions", "give one of them")
    from resnet_bench.aws.access.account import Account
    from resnet_bench.diagnosis.examine import Examination

    account = Account(region=remote.region, profile=remote.profile)
    found = [Examination("reachable", 1.0, lambda _tell: [credentials(account, needed=remote.stack is not None)])]
    if remote.stack is not None or remote.url is not None:
        found.append(Examination("reachable", 3.0, lambda _tell: far_side(remote, shown)))
    return found


def credentials(account: Account, *, needed: bool) -> Finding:
    """Whether there are some, and nothing about whose they are."""
    try:
        account.credentials()
    except AwsError as error:
        return Finding(
            code="reachable-credentials",
            subject="reachable",
            what="AWS credentials",
            verdict="fault" if needed else "not measured",
            told=error.message,
            follows="--stack and deploy cannot work; the emulated Lambda needs none",
            todo=error.hint if needed else "",
            topics=("calls to AWS",),
        )
    return Finding(
        code="reachable-credentials",
        subject="reachable",
        what="AWS credentials",
        verdict="ok",
        told="found; whether AWS takes them is known when they are used",
        topics=("calls to AWS",),
    )


def far_side(remote: RemoteOptions, shown: Display) -> Iterator[Finding]:
    """One call without an image, which the handler refuses; of a stack also whether its traces and log may be read."""
    from resnet_bench.cli.options import SideOptions
    from resnet_bench.cli.targets.stack import StackTarget
    from resnet_bench.cli.targets.url import UrlTarget

    if remote.stack is None:
        yield _answering(f"URL {remote.url}", lambda: UrlTarget(remote).caller(_Looking(str(remote.url)), "onnx"))
        return
    what = f"stack {remote.stack}"
    shown.step(f"looking for the {what}")
    sides = SideOptions(threads="auto", weights="auto", limiter="auto", memory_mb=None, remote=remote)
    try:
        target = StackTarget(sides)
    except ResnetBenchError as error:
        yield _failed(what, error)
        return
    yield _answering(what, lambda: target.caller(_Looking(target.deployed.url), target.deployed.engine))
    yield from _readable(target.account, target.deployed)


@dataclass(frozen=True)
class _Looking:
    """A deployed function that is called and left as it is (``runners.deployed.Callee``)."""

    url: str

    def force_cold(self) -> None:
        pass

    def settle(self, environment_id: str) -> Skipped:  # noqa: ARG002 - Callee's signature
        return Skipped("a deployed function's cgroup cannot be seen from outside")

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        pass


def _answering(what: str, caller: Callable[[], DeployedRunner]) -> Finding:
    from resnet_bench.diagnosis.figures import duration, reading
    from resnet_bench.results.records import ClientTimes

    try:
        with closing(caller()) as runner:
            client = runner.probe().client
    except ResnetBenchError as error:
        return _failed(what, error)
    took = (client.total_s,) if isinstance(client, ClientTimes) else ()
    return Finding(
        code="reachable-far-side",
        subject="reachable",
        what=what,
        verdict="ok",
        told="".join(["this program's handler answers", *(f" in {duration(one)}" for one in took)]),
        measured=tuple(reading("a call without an image", one, "seconds") for one in took),
        topics=("calls to AWS",),
    )


def _readable(account: Account, deployed: Deployed) -> Iterator[Finding]:
    """Whether what arrives late may be asked for. Each is one small question."""
    from resnet_bench.aws.logs.recent import recent_calls
    from resnet_bench.aws.traces.fetch import fetch

    asked: tuple[tuple[str, Callable[[], object]], ...] = (
        ("X-Ray traces", lambda: fetch(account.client("xray"), [_NO_TRACE])),
        ("the log's REPORT lines", lambda: recent_calls(account.client("logs"), deployed.log_group, 1)),
    )
    for what, ask in asked:
        try:
            ask()
        except AwsError as error:
            yield _failed(what, error, "doubt")
        else:
            yield Finding(
                code="reachable-far-side",
                subject="reachable",
                what=what,
                verdict="ok",
                told="may be read",
                topics=("calls to AWS",),
            )


def _failed(what: str, error: ResnetBenchError, verdict: Verdict = "fault") -> Finding:
    return Finding(
        code="reachable-far-side",
        subject="reachable",
        what=what,
        verdict=verdict,
        told=error.message,
        follows="no command can measure it" if verdict == "fault" else "that part of the tables stays empty",
        todo=error.hint,
        topics=("calls to AWS",),
    )
