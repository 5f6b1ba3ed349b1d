"""The calls that failed, as rows and in a sentence: whoever reads figures must see how many there are none of."""

from __future__ import annotations

from resnet_bench.benchmark.error_rates import ErrorRate, error_rates
from resnet_bench.report.captions import captions
from resnet_bench.report.names import SIDES, listed
from resnet_bench.report.rows import Column, Row, Table, span
from resnet_bench.results.run import Run
from resnet_bench.units import number

COLUMNS = (
    Column("engine", "engine", once=True),
    Column("side", "side"),
    Column("failed", "failed", "count"),
    Column("calls", "calls", "count"),
    Column("rate", "rate", "percent"),
    Column("interval", "95 % interval", "percent"),
    Column("outage", "outage", "seconds", drop=1),
    Column("repeated", "repeated", "count", drop=2),
    Column("reasons", "why", fold=True),
)
_NOTES = (
    "failed: of all calls, warm-ups and cold starts too.",
    "Its interval: exact (Clopper and Pearson), as if calls failed independently of each other.",
    "outage: the longest time from a call that failed to the next one answered.",
    "repeated: answered when asked again, and in no other figure.",
)


def failed_calls(run: Run) -> Table | None:
    """A row for each place; ``None`` where every call was answered at once."""
    rates = error_rates(run)
    if not any(rate.failed or rate.repeated for rate in rates):
        return None
    return Table(
        name="failures",
        title="Calls that failed",
        columns=COLUMNS,
        rows=tuple(map(_row, rates)),
        captions=captions(run),
        notes=_NOTES,
        inline_units=True,
    )


def _row(rate: ErrorRate) -> Row:
    cells = (rate.failed, rate.calls, rate.share, span(rate.interval), rate.outage_s, rate.repeated or None)
    return Row((rate.engine, SIDES[rate.side], *cells, reasons(rate) or None))


def reasons(rate: ErrorRate) -> str:
    """``ConnectError 3, HTTP 503 1``"""
    return ", ".join(f"{why} {count}" for why, count in rate.reasons)


def failed_sentence(run: Run) -> str:
    """For a verdict, which may be all that is printed; empty where no call failed."""
    told = [
        f"{rate.failed} of {rate.calls} calls {'here' if rate.side == 'local' else 'to Lambda'} with {rate.engine} "
        f"({number(100 * rate.share)} %, 95 % interval {number(100 * rate.interval.low)} to "
        f"{number(100 * rate.interval.high)}; {reasons(rate)})"
        for rate in error_rates(run)
        if rate.failed
    ]
    return f"Failed, and in none of these figures: {listed(told)}." if told else ""
