"""Traces by their own ids from X-Ray, real or emulated: in batches, and again for what is late or was left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from resnet_bench.aws.failures import aws_errors
from resnet_bench.aws.trace_times import parse_trace
from resnet_bench.aws.waiting import Waiting, wait_for
from resnet_bench.results.records import Skipped, TraceTimes

BATCH = 5  # BatchGetTraces takes no more ids at once
NOT_FOUND = Skipped(
    "not complete yet: X-Ray knows no such trace (not indexed yet, tracing not Active, the role lacks "
    "xray:PutTraceSegments, or Transaction Search sends traces to CloudWatch Logs)",
    pending=True,
)
_NOT_PROCESSED = Skipped("not complete yet: X-Ray left the id unprocessed", pending=True)
_TRACE_ID = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")


def fetch_documents(client: Any, trace_ids: Iterable[str]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Raw traces by id, and the ids that X-Ray left unprocessed when asked twice. Unknown ids are in neither.

    ``strip_account_data`` makes a raw trace fit for keeping.

    Raises:
        AwsError: the call failed.
    """
    found: dict[str, dict[str, Any]] = {}
    unprocessed = list(dict.fromkeys(trace_ids))
    for _ in range(2):
        asked, unprocessed = unprocessed, []
        for first in range(0, len(asked), BATCH):
            unprocessed += _ask(client, asked[first : first + BATCH], found)
    return found, set(unprocessed) - found.keys()


def fetch(client: Any, trace_ids: Iterable[str]) -> dict[str, TraceTimes | Skipped]:
    """The times of each trace as X-Ray knows them now; ``Skipped(pending=True)`` for what may still come.

    Raises:
        AwsError: the call failed.
    """
    wanted = list(dict.fromkeys(trace_ids))
    found, unprocessed = fetch_documents(client, [key for key in wanted if _TRACE_ID.fullmatch(key)])
    return {key: _reading(key, found, unprocessed) for key in wanted}


def await_traces(
    client: Any, trace_ids: Iterable[str], waiting: Waiting | None = None
) -> dict[str, TraceTimes | Skipped]:
    """As ``fetch``, asking again for what is pending. AWS failures become reasons (``wait_for``): nothing raises."""
    return wait_for("traces", lambda missing: fetch(client, missing), trace_ids, waiting or Waiting())


def _ask(client: Any, batch: list[str], found: dict[str, dict[str, Any]]) -> list[str]:
    """One batch with all its pages, added to ``found``; returns the ids that X-Ray did not process."""
    unprocessed: list[str] = []
    with aws_errors("xray:BatchGetTraces"):
        for page in client.get_paginator("batch_get_traces").paginate(TraceIds=batch):
            unprocessed += page.get("UnprocessedTraceIds") or []
            for trace in page.get("Traces") or []:
                # A trace may be spread over pages.
                known = found.setdefault(trace.get("Id"), {**trace, "Segments": []})
                known["Segments"] += trace.get("Segments") or []
    return unprocessed


def _reading(key: str, found: dict[str, dict[str, Any]], unprocessed: set[str]) -> TraceTimes | Skipped:
    if not _TRACE_ID.fullmatch(key):
        return Skipped("the id that the function gave is not an X-Ray trace id")
    if key in found:
        return parse_trace(found[key])
    return _NOT_PROCESSED if key in unprocessed else NOT_FOUND
