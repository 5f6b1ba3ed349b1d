"""A function's last calls, by the REPORT records of its log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from resnet_bench.aws.access.pages import entries, pages
from resnet_bench.aws.logs.reports import PATTERN, parse_message
from resnet_bench.results.records import ReportLine

# How far back is looked, the nearest first: a log of weeks is many pages. 14 days are what the stack's log is kept for.
_WINDOWS_S = (3600, 86_400, 14 * 86_400)


@dataclass(frozen=True)
class Call:
    """``at`` is when the record was made, ISO 8601, UTC."""

    at: str
    report: ReportLine


@dataclass(frozen=True)
class Recent:
    """``calls``, the latest first, are of the last ``window_s`` seconds."""

    calls: tuple[Call, ...]
    window_s: int


def recent_calls(logs: Any, log_group: str, count: int = 5, *, clock: Callable[[], float] = time.time) -> Recent:
    """The last ``count`` calls of the last hour; if it has none, of the last day; if that has none, of 14 days.

    ``clock`` gives seconds since the epoch.

    Raises:
        AwsError: AWS could not be asked, or there is no such log group.
    """
    now_s = clock()
    for window_s in _WINDOWS_S:
        calls = sorted(_calls(logs, log_group, now_s - window_s), key=lambda call: call.at, reverse=True)
        if calls:
            break
    return Recent(tuple(calls[:count]), window_s)


def _calls(logs: Any, log_group: str, since_s: float) -> Iterator[Call]:
    asked = {"logGroupName": log_group, "startTime": int(since_s * 1000), "filterPattern": PATTERN}
    for page in pages(logs, "filter_log_events", "logs:FilterLogEvents", asked):
        for event in entries(page, "events"):
            report, made = parse_message(event.get("message")), _moment(event.get("timestamp"))
            if report is not None and made is not None:
                yield Call(made.isoformat(timespec="milliseconds"), report)


def _moment(timestamp_ms: object) -> datetime | None:
    """Of milliseconds since the epoch; ``None`` for what is no such number, or no moment that a calendar has."""
    if not isinstance(timestamp_ms, int | float):
        return None
    try:
        return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
