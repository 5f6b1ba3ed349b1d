"""REPORT lines in both forms, in a log and in an Invoke's tail: figures that can be written again, or nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import msgspec

from factories import make_report
from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from resnet_bench.aws.logs.reports import parse_message, report_from_tail
from resnet_bench.lambda_report import format_report, parse_report
from resnet_bench.results.records import ReportLine, Skipped

_RECORD = {
    "time": "2026-11-22T08:00:00.000Z",
    "type": "platform.report",
    "record": {
        "requestId": "8f5f7ad0-5c0e-4a2d-9f43-0f6c1e0c7d11",
        "status": "success",
        "metrics": {
            "durationMs": 100.5,
            "billedDurationMs": 101,
            "memorySizeMB": 1024,
            "maxMemoryUsedMB": 256,
            "initDurationMs": 500.25,
        },
        "tracing": {"spanId": "a", "type": "X-Amzn-Trace-Id", "value": "Root=1-a-b;Parent=c;Sampled=1"},
    },
}


def target(data: bytes) -> None:
    text = data.decode(errors="replace")
    check(parse_message(text))
    check(report_from_tail(text))
    check(report_from_tail(base64.b64encode(data).decode()))


def check(found: ReportLine | Skipped | None) -> None:
    if not isinstance(found, ReportLine):
        assert found is None or found.reason
        return
    assert msgspec.json.decode(msgspec.json.encode(found), type=ReportLine) == found
    figures = (found.duration_s, found.billed_s, found.memory_size_bytes, found.max_memory_used_bytes)
    assert all(0 <= figure < 2e15 for figure in (*figures, found.init_s or 0.0))
    if not re.fullmatch(r"[\w-]+", found.request_id):
        return  # it would have parts of its own in a line
    again = parse_report(format_report(found))
    assert again is not None
    assert abs(again.duration_s - found.duration_s) <= 1e-5 + 1e-9 * found.duration_s


def seeds() -> Iterator[bytes]:
    yield format_report(make_report(0.2), segment_id="0123456789abcdef").encode()
    yield format_report(make_report(0.2, cold_start=True)).encode()
    yield b"START RequestId: x\nend\n" + format_report(make_report(0.1)).encode()
    yield msgspec.json.encode(_RECORD)
    yield msgspec.json.encode(_RECORD | {"record": _RECORD["record"] | {"status": "error", "errorType": "X"}})
    yield b"line\n" + msgspec.json.encode(_RECORD)


WORDS = (b"REPORT RequestId: ", b"Duration: ", b"Billed Duration: ", b"Memory Size: ", b"Max Memory Used: ", b" ms\t")
TARGET = Target(
    target,
    seeds,
    document_mutator("platform.report", "record", "metrics", "durationMs", "status", "errorType", "tracing"),
    (*WORDS, b" MB\t", b"Status: timeout\t", b"XRAY TraceId: ", b"Init Duration: ", b" GB", b" us"),
)
