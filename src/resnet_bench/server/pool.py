"""Workers that classify at once, and a queue of bounded length before them.

The workers are threads and not processes: both engines leave the interpreter's lock (GIL) for an inference, which is
most of a call, and the libraries are in memory once. Each has an engine of its own, because the threads of ONNX
Runtime belong to a session: two calls on one session would share them, where two workers use twice as many.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import queue
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from msgspec.structs import replace

from resnet_bench.http_event import ReceivedImage
from resnet_bench.results.records import Answer, Identity

# Beyond so many waiting calls for each worker, further ones are refused: waiting longer helps nobody.
QUEUE_PER_WORKER = 32


class Busy(Exception):
    """All workers are busy and the queue is full."""


class Answers(Protocol):
    """``inference.answer.Answerer``."""

    def answer(
        self,
        data: bytes,
        identity: Identity,
        *,
        started_s: float,
        json_parse_s: float | None = None,
        base64_decode_s: float | None = None,
    ) -> Answer: ...


class Pool:
    """One thread for each of ``answerers``; at most ``queue_length`` calls wait for one of them.

    ``classify`` belongs to one event loop.
    """

    def __init__(self, answerers: Sequence[Answers], queue_length: int | None = None) -> None:
        self.workers = len(answerers)
        self.queue_length = QUEUE_PER_WORKER * self.workers if queue_length is None else queue_length
        self._free: queue.SimpleQueue[Answers] = queue.SimpleQueue()
        self._id = secrets.token_hex(16)
        self._counter = itertools.count(1)
        self._inside = 0
        for answerer in answerers:
            # What engines do lazily belongs to the start of a server and not to its first callers' time.
            self._answer(answerer, ReceivedImage(_blank(), None, None), time.perf_counter())
            self._free.put(answerer)
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="classify")

    async def classify(self, read: Callable[[], ReceivedImage]) -> Answer:
        """Classify what ``read`` gives, which is called by the worker, so that parsing is part of its time.

        Raises:
            Busy: there is no room in the queue.
            Exception: what ``read`` raises.
            ImageError: it cannot be classified.
        """
        if self._inside >= self.workers + self.queue_length:
            raise Busy(f"all {self.workers} workers are busy, and {self.queue_length} requests wait already")
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._work, read)
        finally:
            self._inside -= 1

    def close(self) -> None:
        """Let what is being classified end, and nothing else begin."""
        self._threads.shutdown(cancel_futures=True)

    def _work(self, read: Callable[[], ReceivedImage]) -> Answer:
        started_s = time.perf_counter()
        answerer = self._free.get()  # there are as many as threads
        try:
            answer = self._answer(answerer, read(), started_s)
        finally:
            self._free.put(answerer)
        if self.workers > 1:
            # The kernel counts for the whole process: of calls side by side nobody knows whose wait it was.
            answer = replace(answer, stages=replace(answer.stages, cpu_wait_s=None))
        return answer

    def _answer(self, answerer: Answers, image: ReceivedImage, started_s: float) -> Answer:
        count = next(self._counter)
        return answerer.answer(
            image.data,
            Identity(environment_id=self._id, invocation_count=count, cold_start=count == 1),
            started_s=started_s,
            json_parse_s=image.json_parse_s,
            base64_decode_s=image.base64_decode_s,
        )


def _blank() -> bytes:
    """A picture to warm up with: every network input has the same size, whatever the image."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (224, 224)).save(file, "png")
    return file.getvalue()
