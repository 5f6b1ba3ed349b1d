"""A classification as a full ``Answer``: with the memory, the runtime and the identity of the process that made it.

Used by the Lambda handler and by the local worker, so that both mean the same by every field.
"""

from __future__ import annotations

from msgspec.structs import replace

from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.coldstart import Start, loaded
from resnet_bench.inference.facts import facts
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Answer, Decode, Identity, MemoryUse
from resnet_bench.sandbox.cpu_wait import cpu_wait_s
from resnet_bench.sandbox.memory import peak_rss_bytes, rss_bytes


class Answerer:
    """One loaded engine and what must be known about its process.

    ``start`` (``coldstart.mark()``) and ``baseline_rss_bytes`` are taken by the caller before its
    first heavy import; ``limit_bytes`` is the memory that the process may use, ``None`` if it is not limited.
    """

    def __init__(
        self,
        engine: str,
        model: Model,
        threads: int,
        *,
        start: Start,
        baseline_rss_bytes: int,
        limit_bytes: int | None,
        decode: Decode = "exact",
    ) -> None:
        self._classifier = load_classifier(engine, model, threads, start, decode=decode, limit_bytes=limit_bytes)
        self._facts = facts(self._classifier, model, decode)
        loaded()
        self._baseline_rss_bytes = baseline_rss_bytes
        self._limit_bytes = limit_bytes
        self._cpu_wait_s = cpu_wait_s()

    def answer(
        self,
        data: bytes,
        identity: Identity,
        *,
        started_s: float,
        top: int = 5,
        read_s: float | None = None,
        json_parse_s: float | None = None,
        base64_decode_s: float | None = None,
    ) -> Answer:
        """Classify; ``started_s`` (``time.perf_counter``) is when the caller's own first stage began.

        Raises:
            ImageError: the bytes are not an image that can be classified.
        """
        done = self._classifier.classify(
            data,
            top=top,
            started_s=started_s,
            read_s=read_s,
            json_parse_s=json_parse_s,
            base64_decode_s=base64_decode_s,
        )
        return Answer(
            predictions=done.predictions,
            original_size=done.original_size,
            processed_size=done.processed_size,
            stages=replace(done.stages, cpu_wait_s=self._cpu_wait_since()),
            memory=self._memory(),
            runtime=self._facts,
            identity=identity,
            cold=self._classifier.cold if identity.cold_start else None,
        )

    def _cpu_wait_since(self) -> float | None:
        """Since the call before: to look at the start of a call would be part of its time."""
        before_s, self._cpu_wait_s = self._cpu_wait_s, cpu_wait_s()
        if before_s is None or self._cpu_wait_s is None:
            return None
        return max(0.0, self._cpu_wait_s - before_s)  # a thread that has ended takes its account with it

    def _memory(self) -> MemoryUse:
        peak = peak_rss_bytes()
        return MemoryUse(
            rss_bytes=rss_bytes(),
            peak_rss_bytes=peak,
            baseline_rss_bytes=self._baseline_rss_bytes,
            limit_bytes=self._limit_bytes,
            utilisation=peak / self._limit_bytes if self._limit_bytes else None,
        )
