"""The server's process: loads, listens, says where in one line of JSON on standard output, serves until told to end.

stdout  {"port": 40321, "workers": 2}, or a ``Trouble``
stdin   its end is the sign to stop; what is being classified is still answered
"""

from __future__ import annotations

from resnet_bench.inference.coldstart import mark

_start = mark()  # before anything heavy is imported

from resnet_bench.sandbox.memory import rss_bytes  # noqa: E402

_baseline_bytes = rss_bytes()

import asyncio  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, BinaryIO  # noqa: E402

import msgspec  # noqa: E402

from resnet_bench.errors import ResnetBenchError  # noqa: E402
from resnet_bench.inference.answer import Answerer  # noqa: E402
from resnet_bench.inference.model import Model  # noqa: E402
from resnet_bench.results.records import Decode  # noqa: E402
from resnet_bench.runners.trouble import trouble  # noqa: E402
from resnet_bench.server.pool import Pool  # noqa: E402


class Serve(msgspec.Struct, frozen=True):
    """The process's argument. ``queue_length`` ``None``: the pool's own; ``port`` 0: a free one."""

    engine: str
    model: str
    threads: int
    workers: int
    queue_length: int | None = None
    port: int = 0
    decode: Decode = "exact"


class Ready(msgspec.Struct, frozen=True):
    port: int
    workers: int


def main() -> None:
    """``sys.argv[1]`` is a ``Serve`` as JSON; runs until standard input ends."""
    # Libraries may print: what they print must not get into the line for the parent.
    parent = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = msgspec.json.decode(sys.argv[1], type=Serve)
    try:
        asyncio.run(_serve(asked, _pool(asked), parent))
    except ResnetBenchError as error:
        _send(parent, trouble(error))


def _pool(asked: Serve) -> Pool:
    model = Model.open(Path(asked.model))
    answerers = [
        Answerer(
            asked.engine,
            model,
            asked.threads,
            start=_start,
            baseline_rss_bytes=_baseline_bytes,
            limit_bytes=None,
            decode=asked.decode,
        )
        for _ in range(asked.workers)
    ]
    return Pool(answerers, asked.queue_length)


async def _serve(asked: Serve, pool: Pool, parent: BinaryIO) -> None:
    from resnet_bench.http_server import HttpServer
    from resnet_bench.server.app import ClassifyApp

    server = HttpServer(ClassifyApp(pool))
    port = await server.start(asked.port)
    _send(parent, Ready(port, asked.workers))
    await asyncio.to_thread(sys.stdin.buffer.read)
    if (task := server.stop()) is not None:
        await task
    pool.close()


def _send(parent: BinaryIO, document: Any) -> None:
    parent.write(msgspec.json.encode(document) + b"\n")
    parent.flush()


if __name__ == "__main__":
    main()
