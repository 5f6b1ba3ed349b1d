"""The figures behind a dashboard, from CloudWatch's GetMetricData: for exactly the metrics that its widgets draw."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.metrics.dashboards import Metric, Undrawn, fetch_metrics
from resnet_bench.aws.metrics.units import conversion
from resnet_bench.aws.privacy.account_data import strip_text
from resnet_bench.results.metrics import MetricSeries, Point
from resnet_bench.results.records import Skipped

BATCH = 500  # GetMetricData takes no more queries at once
# 500 metrics of so many points each stay below the 100,800 that one answer holds.
_MOST_POINTS = 200
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_PERIODS_S = (_MINUTE_S, 5 * _MINUTE_S, 15 * _MINUTE_S, _HOUR_S, 3 * _HOUR_S, 6 * _HOUR_S, _DAY_S)
# CloudWatch keeps points of a minute for 15 days, of five for 63, of an hour for 455 (API reference, GetMetricData).
_KEPT_S = ((15 * _DAY_S, _MINUTE_S), (63 * _DAY_S, 5 * _MINUTE_S))
KEPT_LONGEST_S = 455 * _DAY_S
_WHY = {
    "PartialData": "CloudWatch gave only a part of the data",
    "InternalError": "CloudWatch had an internal error: the data is not complete",
    "Forbidden": "AWS denied the data of this metric",
}


@dataclass
class _Gathered:
    """What the pages of an answer say about one metric."""

    label: str = ""
    status: str = ""
    values: dict[float, float] = field(default_factory=dict)
    messages: dict[str, None] = field(default_factory=dict)


def fetch_series(account: Account, dashboard: str, start_s: float, end_s: float) -> tuple[MetricSeries, ...]:
    """What the dashboard draws between two moments (seconds since 1970), in its order.

    The figures of the last minutes may still be missing: CloudWatch receives them late.

    Raises:
        AwsError: the dashboard or the metrics could not be read.
    """
    client = account.client("cloudwatch")
    wanted = fetch_metrics(client, dashboard, account.region)
    period_s = period_for(start_s, end_s, now_s=time.time())
    # CloudWatch counts periods from the start that it is given: a round one gives the same periods every time.
    start_s = start_s // period_s * period_s
    asked = [one for one in wanted if isinstance(one, Metric)]
    answers = iter(_ask(client, asked, start_s, end_s, period_s))
    return tuple(
        _undrawn(one, start_s, end_s, period_s)
        if isinstance(one, Undrawn)
        else _series(one, next(answers), start_s, end_s, period_s)
        for one in wanted
    )


def period_for(start_s: float, end_s: float, *, now_s: float) -> int:
    """The shortest period, in seconds, that CloudWatch still has for ``start_s`` and that gives 200 points at most."""
    kept_s = next((least_s for age_s, least_s in _KEPT_S if now_s - start_s < age_s), _HOUR_S)
    fitting = (one for one in _PERIODS_S if one >= kept_s and (end_s - start_s) / one <= _MOST_POINTS)
    return next(fitting, _PERIODS_S[-1])


def _ask(client: Any, metrics: Sequence[Metric], start_s: float, end_s: float, period_s: int) -> Iterator[_Gathered]:
    """An answer for each of ``metrics``, empty where CloudWatch gave none."""
    for first in range(0, len(metrics), BATCH):
        batch = metrics[first : first + BATCH]
        gathered = {f"m{index}": _Gathered() for index in range(len(batch))}
        queries = [_query(key, metric, period_s) for key, metric in zip(gathered, batch, strict=True)]
        with aws_errors("cloudwatch:GetMetricData"):
            pages = client.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries,
                StartTime=datetime.fromtimestamp(start_s, UTC),
                EndTime=datetime.fromtimestamp(end_s, UTC),
                ScanBy="TimestampAscending",
            )
            for page in pages:
                _gather(page, gathered)
        yield from gathered.values()


def _query(key: str, metric: Metric, period_s: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    # Labels may hold expressions (${LAST}), which CloudWatch fills in.
    label = {} if metric.label is None else {"Label": metric.label}
    return {"Id": key, "MetricStat": {"Metric": named, "Period": period_s, "Stat": metric.stat}, **label}


def _gather(page: dict[str, Any], gathered: dict[str, _Gathered]) -> None:
    """A later page goes on where the one before ended, and its status is the newer."""
    for result in page.get("MetricDataResults") or []:
        one = gathered.get(result.get("Id"))
        if one is None:
            continue
        one.label = result.get("Label") or one.label
        one.status = result.get("StatusCode") or one.status
        for moment, value in zip(result.get("Timestamps") or [], result.get("Values") or [], strict=False):
            one.values[moment.timestamp()] = float(value)
        one.messages.update(dict.fromkeys(_texts(result)))
    for one in gathered.values():
        one.messages.update(dict.fromkeys(_texts(page)))


def _texts(holder: dict[str, Any]) -> Iterator[str]:
    for message in holder.get("Messages") or []:
        yield strip_text(" ".join(str(message.get("Value") or message.get("Code") or "").split()))


def _series(metric: Metric, found: _Gathered, start_s: float, end_s: float, period_s: int) -> MetricSeries:
    unit, factor = conversion(metric.namespace, metric.name, metric.stat)
    why = _WHY.get(found.status, "") if found.status else "CloudWatch did not answer for this metric"
    remark = "; ".join([*([why] if why else []), *found.messages])
    points = tuple(Point(at_s, value * factor) for at_s, value in sorted(found.values.items()))
    hopeless = not points and found.status in {"", "Forbidden", "InternalError"}
    return MetricSeries(
        title=strip_text(metric.title),
        label=strip_text((metric.label and found.label) or metric.label or f"{metric.name} {metric.stat}"),
        stat=metric.stat,
        unit=unit,
        start_s=start_s,
        end_s=end_s,
        period_s=period_s,
        points=Skipped(remark) if hopeless else points,
        remark="" if hopeless else remark,
    )


def _undrawn(one: Undrawn, start_s: float, end_s: float, period_s: int) -> MetricSeries:
    return MetricSeries(
        title=strip_text(one.title),
        label=strip_text(one.label),
        stat="",
        unit="number",
        start_s=start_s,
        end_s=end_s,
        period_s=period_s,
        points=Skipped(one.reason),
    )
