"""The emulated AWS: each call is answered as AWS would, with an error of AWS's where it makes no sense."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from resnet_bench.emulator.aws_api import AwsApi
from resnet_bench.emulator.function import Function
from resnet_bench.emulator.invocation import Reply
from resnet_bench.emulator.logs import LineSplitter, LogStore

_FUNCTION = Function("module.handler", memory_mb=1024, variables={}, task_root="/")
_LOGS = LogStore()
for _line in ("START", "REPORT RequestId: x\tDuration: 1 ms", "a [b] \N{GREEK SMALL LETTER MU}"):
    _LOGS.write("stream", _line)
_TARGET = (b"x-amz-target", b"Logs_20140328.FilterLogEvents")


class Service:
    function = _FUNCTION
    logs = _LOGS
    traces = SimpleNamespace(segments=lambda _id: [])

    async def submit(self, event: bytes, trace_header: str | None = None) -> Any:
        done = asyncio.get_running_loop().create_future()
        done.set_result(Reply(event))
        return SimpleNamespace(
            request_id="r", trace=SimpleNamespace(header="Root=1"), answered=done, finished=done,
            log_stream="stream", log_position=0,
        )  # fmt: skip


_API = AwsApi(Service())
_INVOKE = f"/2015-03-31/functions/{_FUNCTION.name}/invocations"


def target(data: bytes) -> None:
    asyncio.run(every_call(data))
    splitter = LineSplitter()
    lines = [line for at in range(0, len(data), 7) for line in splitter.feed(data[at : at + 7])] + splitter.rest()
    assert "\n".join(lines) == data.decode(errors="replace").removesuffix("\n") or b"\n" in data or len(lines) > 1


async def every_call(data: bytes) -> None:
    tail = (b"x-amz-log-type", b"Tail")
    await check("POST", "/Traces", [], data)
    await check("POST", "/", [_TARGET], data)
    await check("POST", _INVOKE, [tail], data)
    text = data.decode("latin-1")
    await check("POST", f"/2015-03-31/functions/{text}/invocations", [], b"{}")
    await check(text, text, [(b"x-amz-target", data), (b"authorization", data)], b"")


async def check(method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await _API({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
    start, end = sent
    assert 200 <= start["status"] < 500
    if start["status"] >= 400:
        assert json.loads(end["body"])["__type"]


def seeds() -> Iterator[bytes]:
    yield b'{"TraceIds": ["1-5759e988-bd862e3fe1be46a994272793"]}'
    log_filter = {
        "logGroupName": _FUNCTION.log_group, "filterPattern": '?"REPORT RequestId" x', "startTime": 0,
        "endTime": 2**53, "limit": 2, "nextToken": "1",
    }  # fmt: skip
    yield json.dumps(log_filter).encode()
    yield b'{"a": "b"}'
    yield b"line one\nline two\r\n\xff\xfe"


WORDS = ("TraceIds", "logGroupName", _FUNCTION.log_group, "filterPattern", "startTime", "endTime", "limit", "nextToken")
TARGET = Target(target, seeds, document_mutator(*WORDS, '?"a', '"\\"'), longest=2000)
