"""What the tests of reports share: a table of a run by its name, its rows by column, runs of one side or at odds."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from factories import make_deployment, make_failed, make_run, make_sample, make_settings
from resnet_bench.report.rows import Row, Table
from resnet_bench.report.tables import tables_for
from resnet_bench.results.records import Sample, Side
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


def session(*samples: Sample, **changes: Any) -> Run:
    """Of the page: few calls by hand, each in the phase that it turned out to be."""
    settings = make_settings(command="serve", engines=("onnx",), runs=len(samples) // 2, warmup=0, cold=0)
    return make_run(samples=samples, settings=settings, **changes)


def by_hand(side: Side, pair: int = 0, **changes: Any) -> Sample:
    """One call of a session, at a moment of its own."""
    began_at = f"2026-11-22T08:{pair:02d}:{10 if side == 'local' else 11}.000+00:00"
    made = {"engine": "onnx", "total_s": 0.04 if side == "local" else 0.2, "started_at": began_at, **changes}
    return make_sample(side, pair=pair, **made)


def failed_by_hand(side: Side, pair: int = 0, **changes: Any) -> Sample:
    return make_failed(side, engine="onnx", pair=pair, started_at=by_hand(side, pair).started_at, **changes)


# Sessions of the page that have little to tell: whatever is made of them has to stand it.
SESSIONS = {
    "one pair": lambda: session(by_hand("local"), by_hand("remote")),
    "two phases": lambda: session(by_hand("local"), by_hand("remote", phase="cold")),
    "cold alone": lambda: session(by_hand("local", phase="cold"), by_hand("remote", phase="cold")),
    "Lambda fails": lambda: session(
        by_hand("local"), failed_by_hand("remote"), by_hand("local", 1), failed_by_hand("remote", 1)
    ),
    "both fail": lambda: session(failed_by_hand("local"), failed_by_hand("remote", phase="cold")),
    "local alone": lambda: session(by_hand("local")),
    "Lambda alone": lambda: session(by_hand("remote")),
    "nothing": session,
}
