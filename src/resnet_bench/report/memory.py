"""Memory of both sides under the same definitions, each in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from resnet_bench.benchmark.picks import counted, engines, values
from resnet_bench.benchmark.stats import median
from resnet_bench.report.captions import captions
from resnet_bench.report.rows import Column, Kind, Row, Table
from resnet_bench.results.records import Answer, ReportLine, Sample, Side
from resnet_bench.results.run import Run

_SIDES: tuple[Side, Side] = ("local", "remote")

COLUMNS = (
    Column("measure", ""),
    Column("local", "local", "bytes"),
    Column("remote", "Lambda", "bytes"),
    Column("meaning", "what it is", fold=True),
)


_CGROUP = "cgroup peak"
# Linux charges a page of a file to the cgroup that touches it first: Documentation/admin-guide/cgroup-v2.rst,
# "Memory Ownership". RSS counts it for every process that maps it.
_SHARED = "Files that another process read first are charged to that one, so the cgroup peak can be below RSS."


@dataclass(frozen=True)
class Line:
    """One definition, and how the values of many calls become one: a high-water mark is the highest of them."""

    title: str
    meaning: str
    read: Callable[[Sample, Answer], float | None]
    of: Callable[[Sequence[float]], float] = max
    kind: Kind | None = None


def _reported(sample: Sample, _answer: Answer) -> float | None:
    return sample.report.max_memory_used_bytes if isinstance(sample.report, ReportLine) else None


def _cgroup(sample: Sample, _answer: Answer) -> float | None:
    return sample.cgroup_peak_bytes if isinstance(sample.cgroup_peak_bytes, int) else None


LINES = (
    Line("baseline RSS", "resident before the engine was loaded", lambda _, a: a.memory.baseline_rss_bytes, median),
    Line("peak RSS", "the process's high-water mark", lambda _, a: a.memory.peak_rss_bytes),
    Line(
        "over baseline",
        "peak less baseline: the model's part",
        lambda _, a: a.memory.peak_rss_bytes - a.memory.baseline_rss_bytes,
    ),
    Line(_CGROUP, "charged to the sandbox, page cache included", _cgroup),
    Line("Max Memory Used", "as Lambda's REPORT line says", _reported),
    Line("limit", "what may be charged to the sandbox", lambda _, a: a.memory.limit_bytes),
    Line("utilisation", "peak RSS over limit", lambda _, a: a.memory.utilisation, kind="percent"),
)


def memory(run: Run) -> Table | None:
    """Of the warm calls, or of the cold ones if there are no others; ``None`` without any answer."""
    rows = tuple(row for engine in engines(run) for row in _rows(run, engine))
    if not rows:
        return None
    return Table(
        name="memory",
        title="Memory",
        columns=COLUMNS,
        rows=rows,
        captions=captions(run),
        notes=(_SHARED,) if any(row.cells[0] == _CGROUP for row in rows) else (),
    )


def _rows(run: Run, engine: str) -> Iterator[Row]:
    local, remote = (_picks(run, engine, side) for side in _SIDES)
    for line in LINES:
        near, far = (values(picks, line.read) for picks in (local, remote))
        if near or far:
            cells = (line.title, line.of(near) if near else None, line.of(far) if far else None, line.meaning)
            yield Row(cells, engine, kind=line.kind)


def _picks(run: Run, engine: str, side: Side) -> tuple[tuple[Sample, Answer], ...]:
    return counted(run, engine=engine, side=side, phase="warm") or counted(run, engine=engine, side=side, phase="cold")
