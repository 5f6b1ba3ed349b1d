"""A deployed handler as a runner: what is the same through the HTTP API and by Invoke."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from resnet_bench.errors import ForeignAnswer, HttpError, RemoteError, ResnetBenchError
from resnet_bench.http_event import JSON_TYPE
from resnet_bench.inference.engines import options_for
from resnet_bench.results.records import ClientTimes, Decode, Failed, ReportLine, RuntimeFacts, Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.reply import Reply, read_answer
from resnet_bench.runners.request import Body, read_body
from resnet_bench.unreadable import one_line

_NO_PEAK = Skipped("a refused request tells of no environment")
# The code of the handler's answer to a request without a body.
_NO_IMAGE = "no_image"


class Callee(Protocol):
    """What a runner asks of an ``Endpoint``; the same methods."""

    @property
    def url(self) -> str: ...

    def force_cold(self) -> None: ...

    def settle(self, environment_id: str) -> int | Skipped: ...

    def explain(self, error: RemoteError) -> ResnetBenchError: ...

    def complete(self, samples: list[Sample]) -> list[Sample]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, and how long they took."""

    reply: Reply
    client: ClientTimes
    report: ReportLine | None = None


class DeployedRunner(ABC):
    """Calls ``endpoint``, whose answers are from ``where``. ``raw`` sends the image's bytes instead of JSON.

    An answer by another engine, of an image decoded another way than ``decode``, or to an earlier call is refused.
    """

    side: Side = "remote"

    def __init__(
        self,
        endpoint: Callee,
        engine: str,
        *,
        where: str,
        raw: bool = False,
        decode: Decode = "exact",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.engine = engine
        self._endpoint = endpoint
        self._where = where
        self._raw = raw
        self._decode = decode
        self._clock = clock
        self._answered: set[str] = set()

    @abstractmethod
    def _exchange(self, body: Body, started_s: float) -> Exchange:
        """Send ``body``, which was begun to be read at ``started_s`` by the clock, and receive what comes back.

        Raises:
            RemoteError: nothing did.
        """

    def classify(self, photo: Photo) -> Measurement:
        started_s = self._clock()
        body = read_body(photo, raw=self._raw)
        try:
            exchange = self._exchange(body, started_s)
            answer = read_answer(exchange.reply, self._where)
        except RemoteError as error:
            raise self._endpoint.explain(error) from None
        self._require_alike(answer.runtime)
        self._require_own(answer.identity.request_id)
        peak = self._endpoint.settle(answer.identity.environment_id)
        return Measurement(answer, exchange.client, peak, exchange.report)

    def _require_alike(self, runs: RuntimeFacts) -> None:
        if runs.engine != self.engine:
            engine = one_line(runs.engine)
            raise ForeignAnswer(
                f"{self._where} runs the {engine} engine, not {self.engine}",
                f"compare like with like: {options_for(engine)}",
            )
        if runs.decode != self._decode:
            raise ForeignAnswer(
                f"{self._where} decodes images the {runs.decode} way, not the {self._decode} one",
                f"compare like with like: --decode {runs.decode}",
            )

    def _require_own(self, request_id: str | None) -> None:
        """What somebody on the way has kept would be measured again and again, with the times of one call."""
        if request_id is None:
            return
        if request_id in self._answered:
            raise ForeignAnswer(
                f"{self._where} gave the answer to an earlier call again (request {one_line(request_id)})",
                "something on the way keeps answers or mixes them up: call the function's own address",
            )
        self._answered.add(request_id)

    def probe(self) -> Measurement:
        """Ask without an image: the handler refuses at once, and all else is as of any call.

        Raises:
            RemoteError: something else than the handler's refusal came back.
        """
        exchange = self._exchange(Body(b"", JSON_TYPE), self._clock())
        try:
            read_answer(exchange.reply, self._where)
        except HttpError as refusal:
            if refusal.code != _NO_IMAGE:
                raise
            refused = Failed(error=type(refusal).__name__, message=refusal.message, status=refusal.status)
            return Measurement(refused, exchange.client, _NO_PEAK)
        raise ForeignAnswer(f"{self._where} classified nothing", "check that it is this program's handler")

    def force_cold(self) -> None:
        self._endpoint.force_cold()

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return self._endpoint.complete(samples)

    def close(self) -> None:
        self._endpoint.close()
