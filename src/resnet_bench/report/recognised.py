"""What one call recognised: its five classes, each with a bar as long as it is probable."""

from __future__ import annotations

from resnet_bench.report.captions import captions
from resnet_bench.report.names import PLACES
from resnet_bench.report.rows import Bar, Column, Row, Table
from resnet_bench.results.records import Answer, Sample
from resnet_bench.results.run import Run

COLUMNS = (
    Column("name", "class", fold=True),
    Column("probability", "prob.", "percent"),
    Column("bar", "", "bar", drop=1),
    Column("wordnet_id", "WordNet id", detail=True),
)


def recognised(run: Run, sample: Sample) -> Table:
    """Under the name of the side that was called; without a row if the call failed."""
    said = sample.outcome.predictions if isinstance(sample.outcome, Answer) else ()
    place = PLACES[sample.side]
    return Table(
        name=f"recognised.{sample.side}",
        title=place[0].upper() + place[1:],
        columns=COLUMNS,
        rows=tuple(Row((one.name, one.probability, Bar(0.0, one.probability), one.wordnet_id)) for one in said),
        captions=captions(run),
    )
