"""Metrics over time, as CloudWatch aggregated them: what the dashboard draws, and this program's reports too."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from resnet_bench.results.records import Skipped

# ``percent`` holds fractions: 0.61 is 61 %. ``number`` is what has no unit, or one that this program does not know.
MetricUnit = Literal["seconds", "bytes", "percent", "count", "number"]


class Point(Struct, frozen=True, array_like=True):
    """``at_s`` is the start of the period, in seconds since 1970 (UTC); ``value`` is in the series' unit."""

    at_s: float
    value: float


class MetricSeries(Struct, frozen=True, kw_only=True):
    """One line of one dashboard widget, between two moments in seconds since 1970 (UTC).

    ``title`` is the widget's and ``label`` the line's; ``stat`` is what CloudWatch made of the values of each
    ``period_s``. A period without data has no point: empty ``points`` is "no data", which is not zero. ``Skipped`` is
    what could not be asked for. ``remark`` is what CloudWatch said about the data, a part missing for instance.
    """

    title: str
    label: str
    stat: str
    unit: MetricUnit
    start_s: float
    end_s: float
    period_s: int
    points: tuple[Point, ...] | Skipped
    remark: str = ""
