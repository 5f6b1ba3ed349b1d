"""Traces that Transaction Search keeps in CloudWatch Logs instead of in X-Ray.

Where an account has switched it on, BatchGetTraces finds nothing. X-Ray then fetches traces by id from the log group
``aws/spans``: a retrieval is started for a window of time, and asked until it is complete; its documents are those that
BatchGetTraces would have given. (Source: X-Ray API reference, StartTraceRetrieval and ListRetrievedTraces.)
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.access.pages import entries, without_end
from resnet_bench.errors import AwsError

# StartTraceRetrieval takes no more ids at once.
BATCH = 100
_LIST = "xray:ListRetrievedTraces"
# A trace id carries the second in which its request came; clocks differ, and a function runs for 15 minutes at most.
_BEFORE = timedelta(minutes=5)
_AFTER = timedelta(minutes=20)
_GOING_ON = {"SCHEDULED", "RUNNING"}


@dataclass(frozen=True)
class Patience:
    """How long one retrieval is waited for. ``clock`` (monotonic seconds) and ``sleep`` are replaced in tests."""

    limit_s: float = 30.0
    interval_s: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def keeps_traces(client: Any) -> bool:
    """Whether this account's traces go to CloudWatch Logs.

    Raises:
        AwsError: the call failed.
    """
    with aws_errors("xray:GetTraceSegmentDestination"):
        return bool(client.get_trace_segment_destination().get("Destination") == "CloudWatchLogs")


def retrieve(client: Any, trace_ids: Iterable[str], patience: Patience) -> dict[str, dict[str, Any]]:
    """Raw traces by id, in the shape of BatchGetTraces' ``Traces``; those that are not there yet are left out.

    Raises:
        AwsError: a call failed, or AWS gave the retrieval up; ``transient`` if it only takes longer than ``patience``.
    """
    found: dict[str, dict[str, Any]] = {}
    ordered = sorted(trace_ids, key=_came_at)  # so that each batch covers as little time as it can
    for first in range(0, len(ordered), BATCH):
        for trace in _retrieve(client, ordered[first : first + BATCH], patience):
            # A trace may be spread over pages.
            key = _x_ray_id(str(trace.get("Id")))
            known = found.setdefault(key, {"Id": key, "Segments": []})
            known["Segments"] += entries(trace, "Spans")
    return found


def _x_ray_id(trace_id: str) -> str:
    """An id as X-Ray writes it. OpenTelemetry's form, which spans in the logs may have, lacks version and dashes."""
    return f"1-{trace_id[:8]}-{trace_id[8:]}" if re.fullmatch(r"[0-9a-f]{32}", trace_id) else trace_id


def _retrieve(client: Any, trace_ids: Sequence[str], patience: Patience) -> Iterator[dict[str, Any]]:
    """One batch, in the order of time; a trace once for each page that has a part of it."""
    first, last = _came_at(trace_ids[0]), _came_at(trace_ids[-1])
    end = min(last + _AFTER, max(last, datetime.now(UTC)))  # a window that reaches into the future may be refused
    with aws_errors("xray:StartTraceRetrieval"):
        started = client.start_trace_retrieval(TraceIds=list(trace_ids), StartTime=first - _BEFORE, EndTime=end)
    token = started.get("RetrievalToken")
    if not token:
        raise AwsError("xray:StartTraceRetrieval failed: the answer names no retrieval", "repeat the command")
    page = _completed(client, token, patience)
    yield from entries(page, "Traces")
    ends_s = patience.clock() + patience.limit_s
    while more := page.get("NextToken"):
        if patience.clock() > ends_s:
            raise without_end(_LIST)
        page = _page(client, token, NextToken=more)
        yield from entries(page, "Traces")


def _completed(client: Any, token: str, patience: Patience) -> dict[str, Any]:
    """The first page, once AWS has everything."""
    end_s = patience.clock() + patience.limit_s
    while True:
        page = _page(client, token)
        status = page.get("RetrievalStatus")
        if status == "COMPLETE":
            return page
        if status not in _GOING_ON:
            raise AwsError(f"{_LIST} failed: AWS ended the retrieval as {status}", "repeat the command", code=status)
        if patience.clock() >= end_s:
            raise AwsError(
                f"{_LIST} failed: the retrieval is not complete after {patience.limit_s:.0f} s",
                "repeat the command",
                code=status,
                transient=True,
            )
        patience.sleep(patience.interval_s)


def _page(client: Any, token: str, **more: str) -> dict[str, Any]:
    with aws_errors(_LIST):
        page: dict[str, Any] = client.list_retrieved_traces(RetrievalToken=token, TraceFormat="XRAY", **more)
    return page


def _came_at(trace_id: str) -> datetime:
    """``1-<8 hexadecimal digits: seconds since the epoch>-<24 more>``."""
    return datetime.fromtimestamp(int(trace_id.split("-")[1], 16), UTC)
