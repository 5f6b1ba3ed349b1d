"""Memory taken apart: fresh processes that classify one image, step by step, with and without base64 and JSON."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

import msgspec

from resnet_bench.http_event import write_event
from resnet_bench.inference.model import Model
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.memory import Body, MemoryStep
from resnet_bench.results.records import Decode, Skipped
from resnet_bench.runners.base import Photo
from resnet_bench.runners.child import Child
from resnet_bench.runners.memory_worker import Held, Task
from resnet_bench.runners.request import read_body
from resnet_bench.sandbox.limits.base import Limiter

_WORKER = "resnet_bench.runners.memory_worker"
_NOT_TOLD = Skipped("this kernel's high-water mark cannot be reset")
_held = msgspec.json.Decoder(list[Held])


def memory_steps(
    engine: str,
    model: Model,
    threads: int,
    photo: Photo,
    limiter: Limiter,
    *,
    raw: bool,
    decode: Decode = "exact",
    pairs: int,
    progress: Progress = SILENT,
) -> Iterator[MemoryStep]:
    """The steps of ``pairs`` pairs of processes: one gets the image as a request carries it, one from the file.

    Raises:
        SetupError: a process could not be started, or ended.
    """
    bodies: tuple[Body, Body] = ("raw" if raw else "json", "file")
    for number in range(pairs):
        # Each comes first in turn, so that nothing depends on which of the two had been in the page cache.
        for body in bodies if number % 2 == 0 else bodies[::-1]:
            progress.step(f"memory of {engine}, process {2 * number + 1} of {2 * pairs}", number / pairs)
            task = Task(engine, str(model.folder), threads, from_file=body == "file", decode=decode)
            for held in _once(task, _question(photo, body), limiter):
                yield MemoryStep(
                    engine=engine,
                    image=photo.name,
                    body=body,
                    number=number,
                    name=held.name,
                    rss_bytes=held.rss_bytes,
                    peak_rss_bytes=_NOT_TOLD if held.peak_rss_bytes is None else held.peak_rss_bytes,
                )


def _question(photo: Photo, body: Body) -> bytes:
    if body == "file":
        return base64.b64encode(os.fsencode(photo.path))  # a name need not be text, nor a line
    sent = read_body(photo, raw=body == "raw")
    return write_event(sent.content, sent.content_type)


def _once(task: Task, question: bytes, limiter: Limiter) -> list[Held]:
    child = Child(f"{task.engine} memory", _WORKER, [msgspec.json.encode(task).decode()], limiter)
    try:
        return _held.decode(child.ask(question))
    finally:
        child.end()
