"""Two runs, before and after, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_bench.report.agreements import agreement_caption
from resnet_bench.report.names import MEASURES, SIDES
from resnet_bench.report.rows import Column, Row, Table, span

if TYPE_CHECKING:
    from resnet_bench.benchmark.diff import Diff

COLUMNS = (
    Column("measure", "median of", once=True),
    Column("side", ""),
    Column("before", "before", "seconds"),
    Column("after", "after", "seconds"),
    Column("ratio", "ratio", "ratio"),
    Column("ratio_interval", "95 % interval", "ratio"),
    Column("direction", ""),
)


def changes(diff: Diff) -> Table:
    """Warm medians; local directly above Lambda."""
    ordered = sorted(diff.rows, key=lambda row: (_place(diff, row.engine), _MEASURES.index(row.measure), row.side))
    return Table(
        name="diff",
        title="Warm latency before and after",
        columns=COLUMNS,
        rows=tuple(
            Row(
                (
                    MEASURES[row.measure],
                    SIDES[row.side],
                    row.before_s,
                    row.after_s,
                    row.ratio.value if row.ratio.interval else None,
                    span(row.ratio.interval),
                    row.direction,
                ),
                row.engine,
            )
            for row in ordered
        ),
        captions=tuple(agreement_caption(diff.reduced)),
        notes=(
            *(f"not alike: {one.what}: {one.before} before, {one.after} after" for one in diff.unlike),
            "ratio: after over before, of the medians of an image; geometric mean of the images that both runs have.",
            "unclear: its interval includes 1, or there is none.",
        ),
    )


_MEASURES = list(MEASURES)


def _place(diff: Diff, engine: str) -> int:
    return [row.engine for row in diff.rows].index(engine)
