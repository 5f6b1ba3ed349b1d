"""One JSON document of a page: the raw record, the tables made of it with raw values, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from resnet_bench.report.changes import changes
from resnet_bench.report.page import Page
from resnet_bench.report.rows import Bar, Row, Span, Table, Trend, Value
from resnet_bench.report.watched import watched
from resnet_bench.results.metrics import MetricSeries

if TYPE_CHECKING:
    from resnet_bench.benchmark.diff import Diff


def page_document(page: Page, **more: Any) -> bytes:
    """UTF-8 JSON without a final newline. Times are in seconds, sizes in bytes, ``percent`` values are fractions.

    ``more`` are further entries, of what is no table.
    """
    made = {
        "result": page.record,
        "tables": [_table(table) for table in page.tables],
        "caveats": page.caveats,
        "verdict": page.verdict,
        **more,
    }
    return msgspec.json.encode(made)


def diff_document(diff: Diff) -> bytes:
    """As ``document``, of a comparison of two runs: its table, in what the runs are unlike, and the caveats."""
    made = {
        "tables": [_table(changes(diff))],
        "unlike": [{"what": one.what, "before": one.before, "after": one.after} for one in diff.unlike],
        "caveats": diff.caveats,
    }
    return msgspec.json.encode(made)


def metrics_document(metrics: Sequence[MetricSeries], console_url: str) -> bytes:
    """As ``document``, of a dashboard's metrics, with the address at which a browser shows the dashboard itself."""
    made = {"console_url": console_url, "metrics": metrics, "tables": [_table(table) for table in _watched(metrics)]}
    return msgspec.json.encode(made)


def _watched(metrics: Sequence[MetricSeries]) -> Iterator[Table]:
    table = watched(metrics)
    if table is not None:
        yield table


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "columns": [{"name": one.name, "title": one.title, "kind": one.kind} for one in table.columns],
        "rows": [_row(table, row) for row in table.rows],
        "notes": [*(caption.text for caption in table.captions), *table.notes],
    }


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = {column.name: _value(value) for column, value in zip(table.columns, row.cells, strict=True)}
    kind = {} if row.kind is None else {"kind": row.kind}
    return {"group": row.group, "level": row.level, **kind, "cells": cells}


def _value(value: Value) -> Any:
    if isinstance(value, Span):
        return {"low": value.low, "high": value.high}
    if isinstance(value, Bar):
        return {"start": value.start, "end": value.end}
    return value.values if isinstance(value, Trend) else value
