"""Whether each side keeps what was asked for, of latency and of errors."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.analysis.objective import ErrorObjective, Judged, Objective, judge
from resnet_bench.benchmark.error_rates import ErrorRate, error_rates
from resnet_bench.errors import ResultError
from resnet_bench.report.captions import captions
from resnet_bench.report.names import SIDES
from resnet_bench.report.rows import Column, Row, Table, Value, span
from resnet_bench.results.records import Side
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
ERROR_COLUMNS = (
    Column("engine", "engine"),
    Column("side", "side"),
    Column("rate", "failed", "percent"),
    Column("interval", "95 % interval", "percent"),
    Column("n", "of calls", "count"),
    Column("limit", "at most", "percent"),
    Column("result", "result"),
)
_WHERE: dict[Side, str] = {"local": "here", "remote": "on Lambda"}
_NOTES = (
    "Of warm calls: local by the worker's clock, Lambda by the client's.",
    "not certain: the interval holds the limit, or there are too few calls for one.",
)
_ERROR_NOTES = ("Of all calls, warm-ups and cold starts too.", "not certain: the interval holds the limit.")


def objectives_tables(run: Run, objectives: Sequence[Objective | ErrorObjective]) -> tuple[Table, ...]:
    """A group for each objective, a row for each engine and side; those of errors in a table of their own."""
    latencies, errors = _sorted(objectives)
    made = []
    if latencies:
        rows = [Row(_cells(one, objective), objective.text) for objective in latencies for one in judge(run, objective)]
        made.append(Table("objectives", "Objectives", COLUMNS, tuple(rows), captions(run), _NOTES))
    if errors:
        rows = [Row(_error_cells(rate, objective), objective.text) for objective in errors for rate in error_rates(run)]
        made.append(
            Table("error_objectives", "Errors allowed", ERROR_COLUMNS, tuple(rows), captions(run), _ERROR_NOTES)
        )
    return tuple(made)


def misses(run: Run, objectives: Sequence[Objective | ErrorObjective]) -> tuple[str, ...]:
    """Those not kept, in words: ``onnx on Lambda misses p95=300ms``.

    Raises:
        ResultError: there is no call to judge; that none misses an objective would say nothing.
    """
    latencies, errors = _sorted(objectives)
    judged = [(objective, one) for objective in latencies for one in judge(run, objective)]
    rated = [(objective, rate) for objective in errors for rate in error_rates(run)]
    if (latencies and not judged) or (errors and not rated):
        raise ResultError(
            f"{objectives[0].text} cannot be judged: the result has no warm calls under one condition",
            "give one of compare, local or remote: resnet-bench compare IMAGE --slo p95=500ms",
        )
    missed = [(one.engine, one.side, objective.text) for objective, one in judged if not one.kept]
    missed += [(rate.engine, rate.side, objective.text) for objective, rate in rated if not objective.kept(rate)]
    return tuple(f"{engine} {_WHERE[side]} misses {text}" for engine, side, text in missed)


def _sorted(
    objectives: Sequence[Objective | ErrorObjective],
) -> tuple[tuple[Objective, ...], tuple[ErrorObjective, ...]]:
    return (
        tuple(one for one in objectives if isinstance(one, Objective)),
        tuple(one for one in objectives if isinstance(one, ErrorObjective)),
    )


def _cells(one: Judged, objective: Objective) -> tuple[Value, ...]:
    told = _told(kept=one.kept, certain=one.certain)
    return one.engine, SIDES[one.side], one.value_s, span(one.interval), one.n, objective.limit_s, told


def _error_cells(rate: ErrorRate, objective: ErrorObjective) -> tuple[Value, ...]:
    told = _told(kept=objective.kept(rate), certain=objective.certain(rate))
    return rate.engine, SIDES[rate.side], rate.share, span(rate.interval), rate.calls, objective.share, told


def _told(*, kept: bool, certain: bool) -> str:
    result = "pass" if kept else "fail"
    return result if certain else f"{result}, not certain"
