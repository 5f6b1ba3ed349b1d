"""The deployed handler in a process of this machine, past gateway, network and runtime client: a rung of the ladder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from resnet_bench.http_event import HttpAnswer, write_event
from resnet_bench.results.records import ClientTimes, Sample, Side
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.child import Child
from resnet_bench.runners.reply import Reply, read_answer
from resnet_bench.runners.request import read_body
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits.base import Limiter

_WORKER = "resnet_bench.runners.handler_worker"


class _Handled(msgspec.Struct, frozen=True):
    took_s: float
    returned: HttpAnswer


_handled = msgspec.json.Decoder(_Handled)


class HandlerRunner:
    """``handler``, by its full name and with its environment ``variables``, held to what ``allowance`` gives.

    The image is read and encoded here, unlimited, as a client does; the handler gets the event that an HTTP API would
    have made of it. The client's ``total_s`` is that preparation by this process's clock and the handler's whole work
    by its own. What lies between the two, a pipe in the place of network and runtime, is in neither.
    """

    side: Side = "local"

    def __init__(
        self,
        engine: str,
        handler: str,
        variables: Mapping[str, str],
        limiter: Limiter,
        allowance: Allowance,
        *,
        raw: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.engine = engine
        self._raw = raw
        self._clock = clock
        # Of Lambda's own variables, those that the handler reads.
        lambdas = {"AWS_LAMBDA_FUNCTION_NAME": "here", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(allowance.memory_mb)}
        self._child = Child(
            f"{engine} handler", _WORKER, [handler], limiter, allowance=allowance, variables={**variables, **lambdas}
        )

    def classify(self, photo: Photo) -> Measurement:
        started_s = self._clock()
        body = read_body(photo, raw=self._raw)
        prepare_s = self._clock() - started_s
        handled = _handled.decode(self._child.ask(write_event(body.content, body.content_type)))
        returned = handled.returned
        answer = read_answer(Reply(returned.status_code, returned.body.encode()), "the handler here")
        client = ClientTimes(
            prepare_s=prepare_s,
            connect_s=None,
            tls_s=None,
            send_s=None,
            wait_s=None,
            receive_s=None,
            total_s=prepare_s + handled.took_s,
            sent_bytes=len(body.content),
            received_bytes=len(returned.body),
            http_status=returned.status_code,
        )
        return Measurement(answer, client, self._child.peak_memory_bytes())

    def force_cold(self) -> None:
        self._child.end()

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self._child.end()
