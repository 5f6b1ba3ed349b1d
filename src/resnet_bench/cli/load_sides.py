"""The two sides of a load test, as its clients find them: a server here, and a function."""

from __future__ import annotations

from typing import Protocol

from resnet_bench.cli.session import Session
from resnet_bench.cli.targets.base import Target
from resnet_bench.errors import RemoteError, ResnetBenchError
from resnet_bench.inference.threads import auto_threads
from resnet_bench.results.records import Side
from resnet_bench.runners.base import Runner
from resnet_bench.runners.remote import RemoteRunner
from resnet_bench.runners.shared import SharedEndpoint
from resnet_bench.sandbox.memory import available_bytes
from resnet_bench.server.local import LocalServer
from resnet_bench.units import format_bytes


class LoadSide(Protocol):
    """``workers`` is how many calls it can work on at once, ``None`` where that is not known."""

    side: Side
    workers: int | None

    def caller(self) -> Runner:
        """One client more. Whoever asks for it closes it."""
        ...

    def unfit(self, concurrency: int) -> str:
        """Why so many at once must not be tried here; empty if they may be."""
        ...

    def wake(self) -> None:
        """Its turn begins."""
        ...

    def rest(self) -> None:
        """Its turn is over: what it has on this machine takes no CPU time until it is woken."""
        ...

    def explain(self, error: RemoteError) -> ResnetBenchError:
        """The same failure, told by what is known on the far side. Nothing else calls it any more."""
        ...


class ServerSide:
    """A server of ``engine`` in a process of its own; closed with the session."""

    side: Side = "local"

    def __init__(self, session: Session, engine: str, workers: int | None) -> None:
        threads = session.threads or auto_threads(None)
        self.workers: int | None = workers or max(1, auto_threads(None) // threads)
        self._engine, self._raw, self._decode = engine, session.sides.remote.raw, session.decode
        means = session.means
        means.display.step("starting the local server")
        server = LocalServer(engine, means.model(), threads, self.workers, means.limiter, decode=session.decode)
        self._server = means.closing.enter_context(server)
        self.rest()

    def caller(self) -> Runner:
        return RemoteRunner(SharedEndpoint(self._server.url), self._engine, raw=self._raw, decode=self._decode)

    def unfit(self, concurrency: int) -> str:  # noqa: ARG002 - LoadSide's signature; all its clients have one process
        return ""

    def wake(self) -> None:
        self._server.thaw()

    def rest(self) -> None:
        self._server.freeze()

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error


class FunctionSide:
    """The function of ``target``. ``environments`` is how many an emulated one may have at once."""

    side: Side = "remote"

    def __init__(self, session: Session, target: Target, engine: str, environments: int) -> None:
        self._endpoint = session.add_remote(target, engine)
        self._target, self._engine = target, engine
        self._deployment = self._endpoint.deployment()
        self._emulated = self._deployment.kind == "emulated"
        self.workers = environments if self._emulated else None
        self._available = available_bytes()  # before the first environment

    def caller(self) -> Runner:
        return self._target.caller(SharedEndpoint(self._endpoint.url), self._engine)

    def unfit(self, concurrency: int) -> str:
        each = self._deployment.memory_bytes
        if not self._emulated or each is None or self._available is None:
            return ""
        environments = min(concurrency, self.workers or concurrency)
        if environments * each <= self._available:
            return ""
        return (
            f"{environments} environments of {format_bytes(each)} may fill {format_bytes(environments * each)}; "
            f"this machine has {format_bytes(self._available)} left"
        )

    def wake(self) -> None:
        """It thaws what it needs with each call."""

    def rest(self) -> None:
        self._endpoint.settle("")

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return self._endpoint.explain(error)
