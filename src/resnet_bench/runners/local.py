"""The local side: a worker process on this machine, stopped whenever it is not measured."""

from __future__ import annotations

import os

import msgspec

from resnet_bench.errors import ImageError
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Answer, Decode, Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.child import Child
from resnet_bench.runners.trouble import Trouble, raised
from resnet_bench.runners.worker import Job, Load
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits.base import Limiter

_WORKER = "resnet_bench.runners.worker"
_NO_CLIENT = Skipped("a local call has no client")
_answer = msgspec.json.Decoder(Answer)
_trouble = msgspec.json.Decoder(Trouble)


class LocalRunner:
    """One engine in a worker process; with ``allowance`` it is the CPU-equalised mode: held to what Lambda gives."""

    side: Side = "local"

    def __init__(
        self,
        engine: str,
        model: Model,
        threads: int,
        limiter: Limiter,
        *,
        allowance: Allowance | None = None,
        top: int = 5,
        decode: Decode = "exact",
    ) -> None:
        self.engine = engine
        self._top = top
        load = Load(engine, str(model.folder), threads, allowance.memory_bytes if allowance else None, decode)
        self._worker = Child(
            f"local {engine}", _WORKER, [msgspec.json.encode(load).decode()], limiter, allowance=allowance
        )

    def classify(self, photo: Photo) -> Measurement:
        line = self._worker.ask(msgspec.json.encode(Job(os.fsencode(photo.path), self._top)))
        try:
            answer = _answer.decode(line)
        except msgspec.ValidationError:
            error = raised(_trouble.decode(line))
            if not isinstance(error, ImageError):
                self._worker.end()  # it could not load, and ends after saying so
            raise error from None
        return Measurement(answer, _NO_CLIENT, self._worker.peak_memory_bytes())

    def force_cold(self) -> None:
        """End the worker: the next call starts another."""
        self._worker.end()

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self._worker.end()
