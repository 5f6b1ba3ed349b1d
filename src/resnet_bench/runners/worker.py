"""The local side's process: one engine, loaded once, that classifies files on request.

A process of its own for each engine, because in the command's process neither memory nor start-up could be measured:
there, two engines and all the reporting libraries share one address space. One JSON document per line, both ways:

    stdin   {"path": "aW1hZ2VzL2NhdC5qcGc=", "top": 5}
    stdout  an ``Answer``, or {"error": class name, "message": ..., "hint": ..., "code": ...}
"""

from __future__ import annotations

from resnet_bench.inference.coldstart import mark

_start = mark()  # before anything heavy is imported

from resnet_bench.sandbox.memory import rss_bytes  # noqa: E402

_baseline_bytes = rss_bytes()

import os  # noqa: E402
import secrets  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, BinaryIO  # noqa: E402

import msgspec  # noqa: E402

from resnet_bench.errors import ResnetBenchError  # noqa: E402
from resnet_bench.inference.answer import Answerer  # noqa: E402
from resnet_bench.inference.model import Model  # noqa: E402
from resnet_bench.results.records import Decode, Identity  # noqa: E402
from resnet_bench.runners.trouble import trouble  # noqa: E402


class Load(msgspec.Struct, frozen=True):
    """The worker's argument."""

    engine: str
    model: str
    threads: int
    limit_bytes: int | None
    decode: Decode = "exact"


class Job(msgspec.Struct, frozen=True):
    """``path`` as the kernel has it: a name need not be text. In JSON it is base64."""

    path: bytes
    top: int = 5


def main() -> None:
    """``sys.argv[1]`` is a ``Load`` as JSON; runs until standard input ends."""
    # Libraries may print: what they print must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    load = msgspec.json.decode(sys.argv[1], type=Load)
    try:
        answerer = Answerer(
            load.engine,
            Model.open(Path(load.model)),
            load.threads,
            start=_start,
            baseline_rss_bytes=_baseline_bytes,
            limit_bytes=load.limit_bytes,
            decode=load.decode,
        )
    except ResnetBenchError as error:
        _send(answers, trouble(error))
        return
    from resnet_bench.inference import images  # numpy and Pillow: loaded by now, and counted as imports

    environment_id = secrets.token_hex(16)
    for count, line in enumerate(sys.stdin.buffer, start=1):
        job = msgspec.json.decode(line, type=Job)
        identity = Identity(environment_id=environment_id, invocation_count=count, cold_start=count == 1)
        try:
            started_s = time.perf_counter()
            data = images.load(os.fsdecode(job.path))
            read_s = time.perf_counter() - started_s
            _send(answers, answerer.answer(data, identity, started_s=started_s, top=job.top, read_s=read_s))
        except ResnetBenchError as error:
            _send(answers, trouble(error))


def _send(answers: BinaryIO, document: Any) -> None:
    answers.write(msgspec.json.encode(document) + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
