"""A Lambda that ``deploy`` has made: ``--stack`` finds it, may change it for the run, and puts everything back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from resnet_bench.analysis.ladder import PROBE
from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.signing import Signer
from resnet_bench.aws.access.waiting import ONCE, Waiting
from resnet_bench.aws.complete import complete
from resnet_bench.aws.function.invoke import Invoker
from resnet_bench.aws.function.settings import FunctionSettings
from resnet_bench.aws.stack import Deployed, find
from resnet_bench.cli.dashboard import metrics_of_run
from resnet_bench.cli.options import SideOptions
from resnet_bench.cli.progress import Display
from resnet_bench.cli.targets.base import Means
from resnet_bench.cli.targets.patience import patiently
from resnet_bench.cli.variants import Asked
from resnet_bench.errors import RemoteError, ResnetBenchError, UsageError
from resnet_bench.inference.engines import options_for
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import Deployment, Enforcement
from resnet_bench.runners.base import Runner
from resnet_bench.runners.deployed import Callee, DeployedRunner
from resnet_bench.runners.invoke import InvokeRunner
from resnet_bench.runners.probe import ProbeRunner
from resnet_bench.runners.remote import RemoteRunner
from resnet_bench.runners.retrying import Retrying
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.units import MIB


class StackTarget:
    """``--stack``: the function that the stack owns, through its HTTP API or by Invoke."""

    forces_cold = True
    starts_cold = False

    def __init__(self, sides: SideOptions) -> None:
        """
        Raises:
            AwsError: no such stack, or it is not in a state to be called.
            UsageError: it decodes images another way than was asked for.
        """
        remote = sides.remote
        assert remote.stack is not None  # noqa: S101 - what makes it this target
        self.memory_mb = sides.memory_mb
        self.account = Account(region=remote.region, profile=remote.profile)
        self.deployed = find(self.account, remote.stack)
        self._remote = remote
        self.decode = self.deployed.decode
        wanted = sides.network.decode
        if wanted not in {None, self.decode}:
            raise UsageError(
                f"the stack {self.deployed.name} decodes images the {self.decode} way",
                f"leave out --decode, or deploy another stack: resnet-bench deploy --stack NAME --decode {wanted}",
            )
        # Invoke forces each call's sampling; through the HTTP API X-Ray decides.
        self.paced = remote.via == "http"

    def engines(self, asked: Asked) -> tuple[str, ...]:
        runs = self.deployed.engine
        if not asked.admits(runs):
            another = options_for(asked.names()[0])
            raise UsageError(
                f"the stack {self.deployed.name} runs the {runs} engine",
                f"leave it out, or deploy another stack: resnet-bench deploy --stack NAME {another}",
            )
        return (runs,)

    def open(self, engine: str, means: Means) -> tuple[StackEndpoint, Retrying]:
        settings = FunctionSettings(self.account.client("lambda"), self.deployed.function, progress=means.display)
        endpoint = StackEndpoint(self.account, self.deployed, settings, means.display)
        means.closing.enter_context(closing(endpoint))
        if settings.leftover is not None:
            means.display.note(f"{settings.leftover}; it is put back first")
            settings.restore()
        if self.memory_mb is not None:
            settings.set_memory(self.memory_mb)
        return endpoint, Retrying(self.caller(endpoint, engine), means.retries, sleep=means.display.wait)

    def between(self, endpoint: StackEndpoint, engine: str, means: Means) -> Mapping[str, Runner]:
        return {PROBE: Retrying(ProbeRunner(self.caller(endpoint, engine)), sleep=means.display.wait)}

    def metrics(self, start_s: float, end_s: float) -> tuple[MetricSeries, ...]:
        return metrics_of_run(self.account, self.deployed, start_s, end_s)

    def caller(self, endpoint: Callee, engine: str) -> DeployedRunner:
        if self._remote.via == "invoke":
            invoke = Invoker(self.account.client("lambda", invokes=True), self.deployed.function)
            return InvokeRunner(endpoint, engine, invoke, raw=self._remote.raw, decode=self.decode)
        signed = self.deployed.authorization == "AWS_IAM"
        sign = Signer(self.account, self.deployed.region) if signed else None
        return RemoteRunner(endpoint, engine, raw=self._remote.raw, decode=self.decode, sign=sign)


class StackEndpoint:
    """The deployed function. What is changed of it for the run is put back by ``close``."""

    def __init__(self, account: Account, deployed: Deployed, settings: FunctionSettings, display: Display) -> None:
        self.url = deployed.url
        self._account, self._deployed = account, deployed
        self._settings = settings
        self._display = display

    def deployment(self) -> Deployment:
        allowance = Allowance(self._settings.memory_mb)
        return Deployment(
            kind="aws",
            memory_bytes=self._settings.memory_mb * MIB,
            cpu_share=allowance.cpu.share,
            # How many a function sees is documented by nobody; each answer tells what it saw.
            vcpus_count=None,
            enforcement=Enforcement(
                mechanism="lambda", cpu_limited=True, memory_limited=True, description="Lambda's own limits"
            ),
            architecture=self._deployed.architecture,
            region=self._deployed.region,
            stack=self._deployed.name,
            function=self._deployed.function,
            log_group=self._deployed.log_group,
        )

    def force_cold(self) -> None:
        self._settings.force_cold()

    def set_memory(self, memory_mb: int) -> None:
        self._settings.set_memory(memory_mb)

    def settle(self, environment_id: str) -> int | Skipped:  # noqa: ARG002 - Endpoint's signature
        return Skipped("a deployed function's cgroup cannot be seen from outside")

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return self._completed(samples, patiently(self._display))

    def refresh(self, samples: list[Sample]) -> list[Sample]:
        return self._completed(samples, ONCE)

    def _completed(self, samples: list[Sample], waiting: Waiting) -> list[Sample]:
        if not samples:
            return samples
        xray, logs = self._account.client("xray"), self._account.client("logs")
        return complete(samples, xray, logs, self._deployed.log_group, waiting=waiting)

    def close(self) -> None:
        self._settings.restore()
