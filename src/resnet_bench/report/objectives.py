"""Whether each side keeps the latencies that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.analysis.objective import Judged, Objective, judge
from resnet_bench.errors import ResultError
from resnet_bench.report.captions import captions
from resnet_bench.report.names import SIDES
from resnet_bench.report.rows import Column, Row, Table, Value, span
from resnet_bench.results.run import Run

COLUMNS = (
    Column("engine", "engine"),
    Column("side", "side"),
    Column("value", "measured", "seconds"),
    Column("interval", "95 % interval", "seconds"),
    Column("n", "n", "count"),
    Column("limit", "at most", "seconds"),
    Column("result", "result"),
)
_NOTES = (
    "Of warm calls: local by the worker's clock, Lambda by the client's.",
    "not certain: the interval holds the limit, or there are too few calls for one.",
)


def objectives_table(run: Run, objectives: Sequence[Objective]) -> Table:
    """A group for each objective, a row for each engine and side."""
    rows = tuple(
        Row(_cells(one, objective), objective.text) for objective in objectives for one in judge(run, objective)
    )
    return Table("objectives", "Objectives", COLUMNS, rows, captions(run), _NOTES)


def misses(run: Run, objectives: Sequence[Objective]) -> tuple[str, ...]:
    """Those not kept, in words: ``onnx on Lambda misses p95=300ms``.

    Raises:
        ResultError: there is no call to judge; that none misses an objective would say nothing.
    """
    judged = [(objective, one) for objective in objectives for one in judge(run, objective)]
    if objectives and not judged:
        raise ResultError(
            f"{objectives[0].text} cannot be judged: the result has no warm calls under one condition",
            "give one of compare, local or remote: resnet-bench compare IMAGE --slo p95=500ms",
        )
    return tuple(
        f"{one.engine} {'here' if one.side == 'local' else 'on Lambda'} misses {objective.text}"
        for objective, one in judged
        if not one.kept
    )


def _cells(one: Judged, objective: Objective) -> tuple[Value, ...]:
    result = "pass" if one.kept else "fail"
    told = result if one.certain else f"{result}, not certain"
    return one.engine, SIDES[one.side], one.value_s, span(one.interval), one.n, objective.limit_s, told
