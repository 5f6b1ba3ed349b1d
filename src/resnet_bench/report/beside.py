"""One image's two calls beside each other: whatever ``call`` tells of one side, told of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resnet_bench.report.call import STAGES_OF, rows_of
from resnet_bench.report.captions import captions
from resnet_bench.report.names import PLACES
from resnet_bench.report.rows import Column, Kind, Row, Table, Value
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run

COLUMNS = (
    Column("what", ""),
    Column("local", PLACES["local"], "seconds", fold=True),
    Column("remote", PLACES["remote"], "seconds", fold=True),
)
_CLOCKS = (
    "Clocks: of client, the caller's; of stages and process start, that of the process which ran the model, on either "
    "side; of X-Ray, the platform's."
)
_SHARED = STAGES_OF["local"]
_NO_ANSWER = "no answer"

# A row's place in the table: its group and its title.
Key = tuple[str, str]


def beside(run: Run, local: Sample | None, remote: Sample | None) -> Table:
    """A figure that one side cannot have is absent there; one that is missing says why, and so does a failed call."""
    here, there = _told(local), _told(remote)
    # That a call failed stands above all groups.
    keys = sorted(_merged([*there], [*here]), key=lambda key: bool(key[0]))
    return Table(
        name="call",
        title="Both calls side by side",
        columns=COLUMNS,
        rows=tuple(_row(key, here.get(key), there.get(key)) for key in keys),
        captions=captions(run),
        notes=(_CLOCKS,),
        inline_units=True,
    )


def _told(sample: Sample | None) -> dict[Key, Row]:
    return {} if sample is None else {(_group(row), str(row.cells[0])): row for row in _rows(sample)}


def _rows(sample: Sample) -> Iterator[Row]:
    if isinstance(sample.outcome, Failed):
        yield Row((_NO_ANSWER, sample.outcome.message), kind="text")
        if sample.side == "remote" and sample.outcome.status is not None:
            yield Row(("HTTP status", sample.outcome.status), "client", kind="count")
    else:
        yield from rows_of(sample, sample.outcome)


def _group(row: Row) -> str:
    """One group for the stages of both sides."""
    return _SHARED if row.group in STAGES_OF.values() else row.group


def _merged(these: Sequence[Key], those: Sequence[Key]) -> list[Key]:
    """In the order of both: what only ``those`` have stands before what follows it there."""
    made = list(these)
    at = len(made)
    for key in reversed(those):
        if key in made:
            at = made.index(key)
        else:
            made.insert(at, key)
    return made


def _row(key: Key, local: Row | None, remote: Row | None) -> Row:
    group, title = key
    return Row((title, _value(local), _value(remote)), group, kind=_kind(local, remote))


def _value(row: Row | None) -> Value:
    return None if row is None else row.cells[1]


def _kind(*rows: Row | None) -> Kind | None:
    """Of the number, where one side has a number and the other words."""
    kinds = [row.kind for row in rows if row is not None]
    return next((kind for kind in kinds if kind != "text"), "text")
