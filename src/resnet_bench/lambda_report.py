"""Lambda's REPORT line, read and written.

One line an invocation, in the log and in the tail of a direct invocation, as text::

    REPORT RequestId: X\\tDuration: a ms\\tBilled Duration: b ms\\tMemory Size: c MB\\tMax Memory Used: d MB\\t
    Init Duration: e ms\\t\\nXRAY TraceId: 1-...\\tSegmentId: ...\\tSampled: true\\t

or as a ``platform.report`` JSON record. Fields come in no fixed order, ``Status`` and ``Error Type`` only
after a failure, ``Init Duration`` only after a cold start whose initialisation did not time out. The
emulated Lambda writes what the AWS client reads, and neither may import the other: both come here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from resnet_bench.results.records import ReportLine
from resnet_bench.trace_header import parse_header
from resnet_bench.units import MIB, aws_duration, aws_size, parse_duration, parse_size

_START = "REPORT RequestId: "
# Seconds or bytes beyond this are damage: no Lambda is that long or that large.
_ABSURD_S, _ABSURD_BYTES = 1e9, 2**50

T = TypeVar("T")


def parse_report(line: str) -> ReportLine | None:
    """The figures of a REPORT line in text form, or ``None`` if it is another line or was cut off.

    Fields are split at their tabs: ``Duration:`` is also the end of ``Billed Duration:``.
    """
    if not line.startswith(_START):
        return None
    pairs = (field.partition(": ") for field in re.split(r"[\t\r\n]+", line.removeprefix("REPORT ")))
    fields = {key.strip(): value.strip() for key, _, value in pairs}
    return _report(
        request_id=fields.get("RequestId"),
        duration_s=_read(fields, "Duration", parse_duration),
        billed_s=_read(fields, "Billed Duration", parse_duration),
        memory_size=_read(fields, "Memory Size", parse_size),
        max_memory_used=_read(fields, "Max Memory Used", parse_size),
        init_s=_read(fields, "Init Duration", parse_duration),
        status=fields.get("Status"),
        error_type=fields.get("Error Type"),
        trace_id=fields.get("XRAY TraceId"),
    )


class _Metrics(Struct, rename={"duration": "durationMs", "billed": "billedDurationMs", "init": "initDurationMs"}):
    duration: float
    billed: float
    memory_size: float = msgspec.field(name="memorySizeMB")
    max_memory_used: float = msgspec.field(name="maxMemoryUsedMB")
    init: float | None = None


class _Tracing(Struct):
    value: str | None = None


class _Report(Struct, rename="camel"):
    request_id: str
    metrics: _Metrics
    status: str | None = None
    error_type: str | None = None
    tracing: _Tracing | None = None


def parse_report_record(record: Any) -> ReportLine | None:
    """The figures of a ``{"type": "platform.report", "record": ...}`` log record, or ``None`` if it is not one.

    ``status`` is ``None`` for a success, as in the text form, which does not mention it.
    """
    if not isinstance(record, dict) or record.get("type") != "platform.report":
        return None
    try:
        report = msgspec.convert(record.get("record"), _Report)
    except (msgspec.ValidationError, RecursionError):
        return None
    metrics = report.metrics
    return _report(
        request_id=report.request_id,
        duration_s=metrics.duration / 1000,
        billed_s=metrics.billed / 1000,
        memory_size=metrics.memory_size * MIB,
        max_memory_used=metrics.max_memory_used * MIB,
        init_s=None if metrics.init is None else metrics.init / 1000,
        status=None if report.status == "success" else report.status,
        error_type=report.error_type,
        trace_id=parse_header(report.tracing.value).trace_id if report.tracing else None,
    )


def format_report(report: ReportLine, *, segment_id: str | None = None) -> str:
    """The text form, as Lambda prints it: two decimals for ms, whole ms for the billed time, whole MB rounded up.

    The XRAY part, with ``segment_id`` if given, follows on a line of its own when the report has a trace id.
    """
    fields = [
        f"RequestId: {report.request_id}",
        f"Duration: {aws_duration(report.duration_s)}",
        f"Billed Duration: {report.billed_s * 1e3:.0f} ms",
        f"Memory Size: {aws_size(report.memory_size_bytes)}",
        f"Max Memory Used: {aws_size(report.max_memory_used_bytes)}",
    ]
    if report.init_s is not None:
        fields.append(f"Init Duration: {aws_duration(report.init_s)}")
    if report.status is not None:
        fields.append(f"Status: {report.status}")
    if report.error_type is not None:
        fields.append(f"Error Type: {report.error_type}")
    text = "REPORT " + "\t".join(fields) + "\t\n"
    if report.trace_id is not None:
        segment = f"SegmentId: {segment_id}\t" if segment_id else ""
        text += f"XRAY TraceId: {report.trace_id}\t{segment}Sampled: true\t\n"
    return text


def _read(fields: Mapping[str, str], name: str, parse: Callable[[str], T]) -> T | None:
    """``None`` if the field is absent, cut off or in another unit."""
    try:
        return parse(fields[name])
    except (KeyError, ValueError):
        return None


def _report(
    *,
    request_id: str | None,
    duration_s: float | None,
    billed_s: float | None,
    memory_size: float | None,
    max_memory_used: float | None,
    init_s: float | None,
    status: str | None,
    error_type: str | None,
    trace_id: str | None,
) -> ReportLine | None:
    """The record, unless a figure that every REPORT line has is missing or no figure is one."""
    if not request_id or duration_s is None or billed_s is None or memory_size is None or max_memory_used is None:
        return None
    times_s, sizes = (duration_s, billed_s, init_s or 0.0), (memory_size, max_memory_used)
    # False for NaN too.
    if not all(0 <= each < _ABSURD_S for each in times_s) or not all(0 <= each < _ABSURD_BYTES for each in sizes):
        return None
    return ReportLine(
        request_id=_writable(request_id),
        duration_s=abs(duration_s),  # JSON has a -0.0
        billed_s=abs(billed_s),
        memory_size_bytes=round(memory_size),
        max_memory_used_bytes=round(max_memory_used),
        init_s=init_s,
        status=_writable(status) if status else None,
        error_type=_writable(error_type) if error_type else None,
        trace_id=_writable(trace_id) if trace_id else None,
    )


def _writable(text: str) -> str:
    """JSON can name half a character (a lone surrogate), which no result file can hold."""
    return text.encode(errors="replace").decode()
