"""CloudWatch's metrics as rows: how each went, and where it stood last."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import fsum

from resnet_bench.benchmark.stats import median
from resnet_bench.report.rows import Caption, Column, Kind, Row, Table, Trend
from resnet_bench.results.metrics import MetricSeries
from resnet_bench.results.records import Skipped

NO_DATA = "no data"
_NOT_ASKED = "not read"
_STRETCHES = 20
_KINDS: dict[str, Kind] = {"seconds": "seconds", "bytes": "bytes", "percent": "percent"}

COLUMNS = (
    Column("metric", "metric", fold=True),
    Column("latest", "latest", "seconds"),
    Column("min", "min", "seconds", drop=1),
    Column("median", "median", "seconds"),
    Column("max", "max", "seconds"),
    Column("trend", "trend", "trend", drop=2),
)


def watched(metrics: Sequence[MetricSeries]) -> Table | None:
    """A group for each widget of the dashboard, a row for each of its lines; ``None`` if there are none at all."""
    if not metrics:
        return None
    return Table(
        name="metrics",
        title="CloudWatch metrics",
        columns=COLUMNS,
        rows=tuple(map(_row, metrics)),
        captions=(provenance(metrics),),
        notes=tuple(_notes(metrics)),
        inline_units=True,
    )


def provenance(metrics: Sequence[MetricSeries]) -> Caption:
    """Where the figures of these metrics are from, and of when; there must be one."""
    first = metrics[0]
    between = f"{moment(first.start_s)} to {moment(first.end_s)} UTC"
    return Caption(
        f"CloudWatch's own aggregates, {between}, in periods of {_length(first.period_s)}",
        f"CloudWatch, {between}",
    )


def moment(seconds: float) -> str:
    """``2026-11-24 10:30``, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def _length(period_s: int) -> str:
    """Periods are whole minutes: ``5 min``, ``3 h``."""
    minutes = period_s // 60
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def kind_of(series: MetricSeries) -> Kind:
    """How its values are written. A count that was averaged need not be whole."""
    if series.unit == "count" and all(value.is_integer() for value in values(series)):
        return "count"
    return _KINDS.get(series.unit, "ratio")


def values(series: MetricSeries) -> tuple[float, ...]:
    """In the order of time, none where nothing was measured."""
    return () if isinstance(series.points, Skipped) else tuple(point.value for point in series.points)


def _row(series: MetricSeries) -> Row:
    found = values(series)
    if not found:
        instead = _NOT_ASKED if isinstance(series.points, Skipped) else NO_DATA
        return Row((series.label, instead, None, None, None, None), series.title)
    cells = (series.label, found[-1], min(found), median(found), max(found), _trend(series))
    return Row(cells, series.title, kind=kind_of(series))


def _trend(series: MetricSeries) -> Trend:
    """The mean of each of up to twenty equal stretches, none shorter than a period."""
    periods = max(1, math.ceil((series.end_s - series.start_s) / series.period_s))
    held: list[list[float]] = [[] for _ in range(min(_STRETCHES, periods))]
    length_s = periods * series.period_s / len(held)
    if not isinstance(series.points, Skipped):
        for point in series.points:
            place = int((point.at_s - series.start_s) / length_s)
            held[min(len(held) - 1, max(0, place))].append(point.value)
    return Trend(tuple(fsum(each) / len(each) if each else None for each in held))


def _notes(metrics: Sequence[MetricSeries]) -> Iterator[str]:
    yield "latest: of the last period that has data. trend: from each line's lowest to its highest; a gap is no data."
    yield "CloudWatch receives figures late: those of the last minutes may be missing."
    for series in metrics:
        reason = series.points.reason if isinstance(series.points, Skipped) else series.remark
        if reason:
            name = ", ".join(part for part in (series.title, series.label) if part)
            yield f"{name}: {reason}."
