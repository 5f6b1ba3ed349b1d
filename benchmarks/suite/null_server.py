"""A server that answers at once and always the same, in a process of its own (the null system of MLPerf's LoadGen)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from resnet_bench.http_server import HttpServer, read_body, respond
from resnet_bench.wire import encode_answer

if TYPE_CHECKING:
    from resnet_bench.http_server import Receive, Scope, Send

_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def null_server() -> Iterator[str]:
    """Its address, while it runs."""
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.communicate()  # its standard input ends, and with it the server


async def serve() -> None:
    """Prints its port, and ends with its standard input."""
    sys.path.insert(0, str(_ROOT / "tests"))
    from factories import make_answer

    answer = encode_answer(make_answer(side="remote")).encode()

    async def at_once(_scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive, 10_000_000)
        await respond(send, 200, answer, [("content-type", "application/json")])

    server = HttpServer(at_once)
    print(await server.start(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    if (task := server.stop()) is not None:
        await task


if __name__ == "__main__":
    asyncio.run(serve())
