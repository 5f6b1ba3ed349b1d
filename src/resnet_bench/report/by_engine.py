"""Engines beside each other on each side: the choice of one is often worth more than the choice of a side."""

from __future__ import annotations

from resnet_bench.benchmark.picks import engines
from resnet_bench.benchmark.ratios import unpaired_ratio
from resnet_bench.benchmark.reduced import reduced
from resnet_bench.benchmark.series import series
from resnet_bench.benchmark.stats import median
from resnet_bench.report.captions import captions
from resnet_bench.report.rows import Column, Row, Table, Value, span
from resnet_bench.results.records import Side
from resnet_bench.results.run import Run

COLUMNS = (
    Column("engine", "median of"),
    Column("local", "local", "seconds"),
    Column("local_ratio", "ratio", "ratio"),
    Column("local_ratio_interval", "95 % interval", "ratio", tight=True),
    Column("remote", "Lambda", "seconds"),
    Column("remote_ratio", "ratio", "ratio"),
    Column("remote_ratio_interval", "95 % interval", "ratio", tight=True),
)
_SIDES: tuple[Side, Side] = ("local", "remote")
_FEW = 2


def by_engine(run: Run) -> Table | None:
    """Warm calls of each engine, and their ratio to the first one's; ``None`` of two exact ones, which need no list."""
    names = engines(run)
    if len(names) < _FEW or (len(names) == _FEW and not reduced(run.samples)):
        return None
    return Table(
        name="by_engine",
        title="Engines side by side, warm",
        columns=COLUMNS,
        rows=tuple(
            Row((name, *(cell for side in _SIDES for cell in _cells(run, name, names[0], side)))) for name in names
        ),
        captions=captions(run),
        notes=(f"ratio: to {names[0]} on the same side, of the medians of an image; geometric mean of the images.",),
    )


def _cells(run: Run, engine: str, first: str, side: Side) -> tuple[Value, Value, Value]:
    own, base = (series(run, engine=name, side=side) for name in (engine, first))
    middle = median(own.values) if own.values else None
    ratio = None if engine == first else unpaired_ratio(own.values, base.values, own.images, base.images)
    if ratio is None or ratio.interval is None:  # no ratio without its interval
        return middle, None, None
    return middle, ratio.value, span(ratio.interval)
