"""What the tests of reports share: a table of a run by its name, its rows by column, runs of one side or at odds."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from factories import make_deployment, make_run, make_sample, make_settings
from resnet_bench.report.rows import Row, Table
from resnet_bench.report.tables import tables_for
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Run


def table(run: Run, name: str, *, verbose: bool = False) -> Table:
    return next(one for one in tables_for(run, verbose=verbose) if one.name == name)


def cells(of: Table, row: Row) -> dict[str, Any]:
    return dict(zip([column.name for column in of.columns], row.cells, strict=True))


def rows(of: Table) -> list[dict[str, Any]]:
    return [cells(of, row) | {"group": row.group} for row in of.rows]


def row(of: Table, **wanted: str) -> dict[str, Any]:
    (found,) = (one for one in rows(of) if wanted.items() <= one.items())
    return found


def one_side(command: str, samples: tuple[Sample, ...], **settings: Any) -> Run:
    return make_run(
        samples=samples,
        settings=make_settings(command=command, **{"runs": 1, "cold": 0, "engines": ("torch",), **settings}),
        deployment=make_deployment() if command == "remote" else None,
    )


def disagreeing() -> Run:
    sample = make_sample("remote")
    wrong = replace(sample.outcome, predictions=sample.outcome.predictions[::-1])
    return make_run(samples=(make_sample(), replace(sample, outcome=wrong)))
