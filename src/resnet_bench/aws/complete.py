"""Filling in what AWS delivers late: the traces and REPORT figures of remote samples, each by its own id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from resnet_bench.aws.access.waiting import Waiting, is_pending
from resnet_bench.aws.logs.reports import await_reports
from resnet_bench.aws.traces.fetch import await_traces
from resnet_bench.results.records import Failed, ReportLine, Sample, Skipped, TraceTimes

SAMPLED_OUT = Skipped("sampled out by X-Ray (1 a second plus 5 %)")
_FAILED = Skipped("the call failed and gave no id to ask with")
_NO_TRACE_ID = Skipped("the function gave no trace id: is its tracing mode Active?")
_NO_REQUEST_ID = Skipped("the function gave no request id")
# A REPORT line is stamped when the invocation ends, at most 15 minutes after its start; clocks may differ by minutes.
_LONGEST_S = 15 * 60
_CLOCK_MARGIN_S = 5 * 60


def complete(
    samples: Sequence[Sample],
    xray_client: Any | None,
    logs_client: Any | None,
    log_group: str | None,
    *,
    waiting: Waiting | None = None,
) -> list[Sample]:
    """The same samples in the same order, with pending traces and reports of remote ones asked for.

    Nothing that is known or final is touched. Without a client (or a log group) that half stays as it is. AWS failures
    become the reason of what they kept from arriving, still pending; nothing raises.
    """
    patience = waiting or Waiting()
    traces = _traces(samples, xray_client, patience) if xray_client is not None else {}
    reports = _reports(samples, logs_client, log_group, patience) if logs_client is not None and log_group else {}
    return [
        replace(sample, trace=traces.get(index, sample.trace), report=reports.get(index, sample.report))
        for index, sample in enumerate(samples)
    ]


def _traces(samples: Sequence[Sample], client: Any, waiting: Waiting) -> dict[int, TraceTimes | Skipped]:
    keys = {
        index: _trace_key(sample)
        for index, sample in enumerate(samples)
        if sample.side == "remote" and is_pending(sample.trace)
    }
    ids = [key for key in keys.values() if isinstance(key, str)]
    found = await_traces(client, ids, waiting) if ids else {}
    return {index: found[key] if isinstance(key, str) else key for index, key in keys.items()}


def _reports(
    samples: Sequence[Sample], client: Any, log_group: str, waiting: Waiting
) -> dict[int, ReportLine | Skipped]:
    keys = {
        index: _request_key(sample)
        for index, sample in enumerate(samples)
        if sample.side == "remote" and is_pending(sample.report)
    }
    asked = [index for index, key in keys.items() if isinstance(key, str)]
    ids = [key for key in keys.values() if isinstance(key, str)]
    found: dict[str, ReportLine | Skipped] = {}
    if ids:
        starts_s = [datetime.fromisoformat(samples[index].started_at).timestamp() for index in asked]
        found = await_reports(
            client,
            log_group,
            ids,
            start_ms=int((min(starts_s) - _CLOCK_MARGIN_S) * 1000),
            end_ms=int((max(starts_s) + _LONGEST_S + _CLOCK_MARGIN_S) * 1000),
            waiting=waiting,
        )
    return {index: found[key] if isinstance(key, str) else key for index, key in keys.items()}


def _trace_key(sample: Sample) -> str | Skipped:
    """The trace id to ask with, or why asking is pointless."""
    if isinstance(sample.outcome, Failed):
        return _FAILED
    identity = sample.outcome.identity
    if identity.sampled is False:
        return SAMPLED_OUT
    return identity.trace_id or _NO_TRACE_ID


def _request_key(sample: Sample) -> str | Skipped:
    if isinstance(sample.outcome, Failed):
        return _FAILED
    return sample.outcome.identity.request_id or _NO_REQUEST_ID
