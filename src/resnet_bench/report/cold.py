"""Cold starts taken apart: what the process itself saw, and what the platform did around it."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_bench.benchmark.picks import counted, engines, values
from resnet_bench.benchmark.series import series
from resnet_bench.benchmark.starts import PARTS, to_first_answer
from resnet_bench.benchmark.stats import median
from resnet_bench.report.captions import captions
from resnet_bench.report.names import SIDES
from resnet_bench.report.rows import Column, Row, Span, Table, Value
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run

_SIDES: tuple[Side, Side] = ("local", "remote")

COLUMNS = (
    Column("part", "median of"),
    Column("local", "local", "seconds"),
    Column("local_range", "range", "seconds"),
    Column("remote", "Lambda", "seconds"),
    Column("remote_range", "range", "seconds"),
    Column("local_n", "n local", "count", detail=True),
    Column("remote_n", "n Lambda", "count", detail=True),
)

# Names as in ``benchmark.series.MEASURES``; only Lambda has these clocks.
_PLATFORM = {
    "provisioning, X-Ray": "trace.provisioning",
    "initialization, X-Ray": "trace.initialization",
    "Init Duration, REPORT": "report.init",
    "billed, REPORT": "report.billed",
}


def cold_starts(run: Run) -> Table | None:
    """``None`` if no cold start was measured."""
    rows = tuple(row for engine in engines(run) for row in _rows(run, engine))
    if not rows:
        return None
    return Table(
        name="cold",
        title="Cold start taken apart",
        columns=COLUMNS,
        rows=rows,
        captions=captions(run),
        notes=tuple(_notes({str(row.cells[0]) for row in rows})),
    )


def _notes(shown: set[str]) -> Iterator[str]:
    yield "to first answer: local from the process's start, Lambda the client's whole call."
    if "interpreter" in shown:
        yield "interpreter: on Lambda with the runtime client."
    if "weights" in shown:
        yield "weights: mapped, not read: the first inference reads them."
    yield "Medians of parts need not add up to the median of the whole."
    yield "Forced cold starts are a lower bound of natural ones."


def _rows(run: Run, engine: str) -> Iterator[Row]:
    picks = {side: counted(run, engine=engine, side=side, phase="cold") for side in _SIDES}
    if not any(picks.values()):
        return
    group = f"{engine}: {', '.join(f'{len(picks[side])} {SIDES[side]}' for side in _SIDES if picks[side])}"
    for part, read in {"to first answer": to_first_answer, **PARTS}.items():
        local, remote = (values(picks[side], read) for side in _SIDES)
        if local or remote:
            yield _row(part, local, remote, group, level=0 if read is to_first_answer else 1)
    for part, measure in _PLATFORM.items():
        remote = series(run, engine=engine, side="remote", measure=measure, phase="cold").values
        if remote:
            yield _row(part, (), remote, group, level=0)


def _row(part: str, local: tuple[float, ...], remote: tuple[float, ...], group: str, level: int) -> Row:
    return Row((part, *_middle(local), *_middle(remote), len(local), len(remote)), group, level)


def _middle(numbers: tuple[float, ...]) -> tuple[Value, Value]:
    """Median and range: of a handful of starts no interval can be had."""
    if not numbers:
        return None, None
    return median(numbers), Span(min(numbers), max(numbers)) if len(numbers) > 1 else None
