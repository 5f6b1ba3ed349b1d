"""REPORT figures by request id from CloudWatch Logs, real or emulated, and from the tail of a direct invocation."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from resnet_bench.aws.access.pages import entries, pages
from resnet_bench.aws.access.waiting import Waiting, wait_for
from resnet_bench.lambda_report import parse_report, parse_report_record
from resnet_bench.results.records import ReportLine, Skipped

# Either form: functions log text or JSON, and the setting can change during the window that is searched.
PATTERN = '?"REPORT RequestId" ?"platform.report"'
_NOT_FOUND = Skipped(
    "not complete yet: no REPORT line of this request (logs can be minutes late, or the role cannot write them)",
    pending=True,
)
_START = "REPORT RequestId: "


def fetch_reports(
    client: Any, log_group: str, request_ids: Iterable[str], *, start_ms: int, end_ms: int
) -> dict[str, ReportLine | Skipped]:
    """The REPORT figures of each request that the group holds now, among events between two epoch times in ms.

    Raises:
        AwsError: the call failed, or there is no such log group.
    """
    found: dict[str, ReportLine | Skipped] = dict.fromkeys(request_ids, _NOT_FOUND)
    asked = {"logGroupName": log_group, "startTime": start_ms, "endTime": end_ms, "filterPattern": PATTERN}
    for page in pages(client, "filter_log_events", "logs:FilterLogEvents", asked):
        for event in entries(page, "events"):
            report = parse_message(event.get("message"))
            if report is not None and report.request_id in found:
                found[report.request_id] = report
    return found


def await_reports(
    client: Any,
    log_group: str,
    request_ids: Iterable[str],
    *,
    start_ms: int,
    end_ms: int,
    waiting: Waiting | None = None,
) -> dict[str, ReportLine | Skipped]:
    """As ``fetch_reports``, asking again for what is pending. AWS failures become reasons: nothing raises."""
    return wait_for(
        "REPORT lines",
        lambda missing: fetch_reports(client, log_group, missing, start_ms=start_ms, end_ms=end_ms),
        request_ids,
        waiting or Waiting(),
    )


def report_from_tail(log_result: str) -> ReportLine | Skipped:
    """The REPORT figures in an Invoke answer's ``LogResult``: base64 of the last 4 KB of the log.

    The log may start in the middle of a line or a character, and need not hold the REPORT line yet.
    """
    try:
        text = base64.b64decode(log_result, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return Skipped("the log tail is not base64")
    # The text form continues on a second line (XRAY), so it is cut out rather than split off.
    last = text.rfind(_START)
    candidates = [text[last:] if last >= 0 else "", *reversed(text.splitlines())]
    reports = (parse_message(candidate) for candidate in candidates)
    return next((report for report in reports if report is not None), _NOT_FOUND)


def parse_message(message: object) -> ReportLine | None:
    """A log event's REPORT figures in whichever form it has, or ``None``."""
    if not isinstance(message, str):
        return None
    if not message.startswith("{"):
        return parse_report(message)
    try:
        return parse_report_record(json.loads(message))
    except (ValueError, RecursionError):
        return None
