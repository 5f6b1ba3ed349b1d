"""X-Ray traces: the times of one request, or why there are none. Nothing raises, nothing takes long."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import msgspec

from fuzz.mutators.documents import document_mutator
from fuzz.target import FOLDER, Target
from resnet_bench.aws.privacy.account_data import strip_account_data
from resnet_bench.aws.traces.times import parse_trace
from resnet_bench.results.records import Skipped, TraceTimes

_GOLDEN: Path = FOLDER.parent / "golden"


def target(data: bytes) -> None:
    """A trace whose documents stand in it as documents: inside as text, as AWS sends them, they would hide."""
    try:
        trace = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        trace = {"Id": "1-a-b", "Segments": [{"Document": data.decode(errors="replace")}]}
    check(parse_trace(trace))
    check(parse_trace(_as_sent(trace)))
    with contextlib.suppress(RecursionError):  # as it says
        strip_account_data(trace)


def _as_sent(trace: object) -> object:
    if not (isinstance(trace, dict) and isinstance(trace.get("Segments"), list)):
        return trace
    segments = [
        {**one, "Document": msgspec.json.encode(one["Document"]).decode()}
        if isinstance(one, dict) and isinstance(one.get("Document"), dict)
        else one
        for one in trace["Segments"]
    ]
    return {**trace, "Segments": segments}


def check(found: TraceTimes | Skipped) -> None:
    if isinstance(found, Skipped):
        assert found.reason
        return
    assert msgspec.json.decode(msgspec.json.encode(found), type=TraceTimes) == found
    times = (found.provisioning_s, found.initialization_s, found.invocation_s, found.overhead_s, found.total_s)
    assert all(time_s is None or (isfinite(time_s) and time_s >= 0) for time_s in times)


def seeds() -> Iterator[bytes]:
    for path in sorted(_GOLDEN.glob("xray_*.json")):
        yield msgspec.json.encode(msgspec.json.decode(path.read_bytes()))


_WORDS = (
    "subsegments", "in_progress", "start_time", "end_time", "Invocation", "Overhead", "Initialization", "Init",
    "subsegment", "parent_id", "AWS::Lambda", "AWS::Lambda::Function", "annotations", "aws:responseLatency",
)  # fmt: skip


TARGET = Target(target, seeds, document_mutator(*_WORDS), longest=12_000)
