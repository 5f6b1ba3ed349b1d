"""A function's last calls, by the REPORT records at the end of its log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.logs.reports import parse_message
from resnet_bench.results.records import ReportLine

# Each environment of the function has a stream of its own; so many of the latest are read, and so many lines of each.
_STREAMS, _LINES = 5, 100


@dataclass(frozen=True)
class Call:
    """``at`` is when the record was made, ISO 8601, UTC."""

    at: str
    report: ReportLine


def recent_calls(logs: Any, log_group: str, count: int = 5) -> tuple[Call, ...]:
    """The last ``count`` calls, the latest first.

    Raises:
        AwsError: AWS could not be asked, or there is no such log group.
    """
    with aws_errors("logs:DescribeLogStreams"):
        streams = logs.describe_log_streams(
            logGroupName=log_group, orderBy="LastEventTime", descending=True, limit=_STREAMS
        )["logStreams"]
    found = [call for stream in streams for call in _calls(logs, log_group, stream["logStreamName"])]
    return tuple(sorted(found, key=lambda call: call.at, reverse=True)[:count])


def _calls(logs: Any, log_group: str, stream: str) -> Iterator[Call]:
    with aws_errors("logs:GetLogEvents"):
        events = logs.get_log_events(logGroupName=log_group, logStreamName=stream, limit=_LINES, startFromHead=False)[
            "events"
        ]
    for event in events:
        report = parse_message(event["message"])
        if report is not None:
            made = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            yield Call(made.isoformat(timespec="milliseconds"), report)
