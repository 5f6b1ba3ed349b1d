"""CloudWatch's metrics for tests: one line of a widget over half an hour, by what it is at each minute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from resnet_bench.results.metrics import MetricSeries, Point

START_S = 1_795_500_000  # 2026-11-24 06:00 UTC
PERIOD_S = 60


def make_series(
    value: Callable[[int], float | None] = lambda minute: 0.2 + minute / 1000, *, minutes: int = 30, **changes: Any
) -> MetricSeries:
    """``value`` of a minute is ``None`` where CloudWatch has nothing."""
    found = ((START_S + PERIOD_S * minute, value(minute)) for minute in range(minutes))
    series = MetricSeries(
        title="Duration",
        label="p50",
        stat="p50",
        unit="seconds",
        start_s=START_S,
        end_s=START_S + PERIOD_S * minutes,
        period_s=PERIOD_S,
        points=tuple(Point(at_s, one) for at_s, one in found if one is not None),
    )
    return replace(series, **changes)
