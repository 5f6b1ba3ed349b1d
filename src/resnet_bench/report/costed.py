"""The page of ``cost``: months on Lambda and on servers side by side, the break-even, and bills to check by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resnet_bench.analysis.cost import USUAL, Month, SideBySide, Terms, side_by_side
from resnet_bench.analysis.ground import to_be_priced
from resnet_bench.errors import ResultError
from resnet_bench.prices.servers import DEFAULT_INSTANCE, instance
from resnet_bench.prices.table import Prices
from resnet_bench.report import bill
from resnet_bench.report.captions import UNTRAINED, captions, remote_in_short, untrained
from resnet_bench.report.cost_record import cost_record
from resnet_bench.report.cost_verdict import alternates, cost_verdict
from resnet_bench.report.figures.cost import cost_figure
from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Caption, Column, Row, Table, Value, span
from resnet_bench.report.tables import caveats_for
from resnet_bench.results.run import Run
from resnet_bench.units import number

_MONTHS = (
    Column("requests", "a month", "count"),
    Column("rate", "on average", "rate", drop=1),
    Column("cold", "cold", "percent"),
    Column("lambda", "Lambda", "usd"),
    Column("lambda_interval", "95 % interval", "usd"),
    Column("lambda_million", "per million", "usd", drop=2),
    Column("count", "n", "count"),
    Column("servers", "servers", "usd"),
    Column("servers_million", "per million", "usd", drop=2),
    Column("cheaper", "cheaper"),
)
_CROSSINGS = (
    Column("server", "against", fold=True),
    Column("first_per_hour", "Lambda is, up to", "ratio"),
    Column("per_hour", "servers are, from", "ratio"),
    Column("per_hour_interval", "95 % interval", "ratio"),
    Column("per_month", "a month", "ratio"),
)


def cost_page(run: Run, prices: Prices, found: Sequence[SideBySide], terms: Terms) -> Page:
    """``found``: one for each engine and kind of server, those of an engine together."""
    return Page(
        name="cost",
        headline=tuple(_headline(run, found)),
        sections=cost_sections(run, prices, found, terms),
        caveats=caveats_for(run),
        verdict=cost_verdict(prices, found),
        warning=UNTRAINED if untrained(run) else "",
        record=cost_record(prices, found, terms),
    )


def cost_sections(run: Run, prices: Prices, found: Sequence[SideBySide], terms: Terms) -> tuple[Section, ...]:
    """All of that page that is drawn, for a page of the run's other figures."""
    sources = (*captions(run), Caption(f"prices: {prices.notice}", f"prices: {prices.region}"))
    assumed = tuple(_assumptions(found, prices, terms))
    plots = tuple(cost_figure(one, sources) for one in found)
    return (
        Section("Cost of a month", (_months(found, sources),), plots),
        Section("Break-even", (_crossings(found, sources, assumed),)),
        Section("Bills", tuple(_bills(found, sources))),
    )


def usual_cost(run: Run, prices: Prices) -> tuple[Section, ...]:
    """The same with nothing asked for; empty where the run is no ground for it, as the verdict then says."""
    terms = Terms()
    server = instance(prices, DEFAULT_INSTANCE)
    try:
        found = [side_by_side(one, prices, server, USUAL, terms) for one in to_be_priced(run)]
    except ResultError:
        return ()
    return cost_sections(run, prices, found, terms)


def _headline(run: Run, found: Sequence[SideBySide]) -> Iterator[str]:
    where = "Lambda" if run.deployment is None else remote_in_short(run.deployment)
    names = ", ".join(dict.fromkeys(one.workload.engine for one in found))
    yield f"cost of {names}: {where} against {', '.join(dict.fromkeys(one.server.name for one in found))}"
    yield "calculated: list prices, and the times that were measured; steady requests at random moments"


def _months(found: Sequence[SideBySide], sources: tuple[Caption, ...]) -> Table:
    rows = tuple(_month_row(month, _against(one)) for one in found for month in one.months)
    return Table(
        name="months",
        title="What requests cost in a month, USD",
        columns=_MONTHS,
        rows=rows,
        captions=sources,
        notes=(
            "95 % interval: of Lambda's cost, from the mean time that warm calls are billed for; n: servers needed.",
            "cold: share of calls that are expected to find no environment. No bill was seen: all is calculated.",
        ),
    )


def _month_row(month: Month, group: str) -> Row:
    return Row(
        (
            month.requests,
            month.rate,
            month.cold_share,
            month.lambda_usd,
            span(month.interval),
            month.per_million(month.lambda_usd),
            month.servers_count,
            month.servers_usd,
            month.per_million(month.servers_usd),
            "Lambda" if month.cheaper == "lambda" else "servers",
        ),
        group,
    )


def _against(one: SideBySide) -> str:
    return f"{one.workload.engine}, {one.server.name}"


def _crossings(found: Sequence[SideBySide], sources: tuple[Caption, ...], assumed: tuple[str, ...]) -> Table:
    reasons = (
        f"{one.workload.engine}, {one.server.name}: {one.break_even.reason}." for one in found if one.break_even.reason
    )
    return Table(
        name="break_even",
        title="Which is cheaper, by requests an hour",
        columns=_CROSSINGS,
        rows=tuple(_crossing_row(one) for one in found),
        captions=sources,
        notes=(*reasons, *_between(found), *assumed),
    )


def _crossing_row(one: SideBySide) -> Row:
    crossing = one.break_even
    first: Value = crossing.first_per_hour
    last: Value = crossing.per_hour
    if crossing.winner == "server":
        first, last = "never", "at any rate"
    elif crossing.winner == "lambda":
        first, last = ("at any rate", "never") if first is None else (first, "never for good")
    cells = (one.server.name, first, last, span(crossing.per_hour_interval), crossing.per_month)
    return Row(cells, one.workload.engine)


def _between(found: Sequence[SideBySide]) -> Iterator[str]:
    if any(one.break_even.rate is not None for one in found):
        yield "interval: from the billed times alone; the time of a call here, and the prices, are taken as they are."
    if any(alternates(one.break_even) for one in found):
        yield "between the two rates it depends: just after one more server is needed, Lambda is cheaper again."


def _assumptions(found: Sequence[SideBySide], prices: Prices, terms: Terms) -> Iterator[str]:
    yield "assumed: servers are as fast as this machine, with every worker as fast as one alone."
    yield (
        f"assumed: servers are used to {terms.utilisation:.0%} on average; an idle environment of Lambda's lives "
        f"{terms.keep_alive_s / 60:g} minutes, and one at a time is enough (which makes cold starts too few in a rush)."
    )
    traced = (
        "the first of each second and 5 % of the others" if terms.traced_share is None else f"{terms.traced_share:.0%}"
    )
    logged = f"{terms.log_bytes} bytes of log a call; {terms.stored_gb:g} GB of image kept"
    yield f"X-Ray records {traced} of the calls; {logged}."
    yield (
        f"Lambda's free tier is taken off: {prices.free_tier.requests:,f} requests and {prices.free_tier.gb_s:,f} GB-s "
        "of the account."
        if terms.free_tier
        else "Lambda's free tier is not taken off (--free-tier does)."
    )
    yield "left out, alike on both sides: data sent out. Left out of Lambda: this program's dashboard and metrics."
    for text in dict.fromkeys(text for one in found for text in one.server.assumptions):
        yield f"{text}."
    for one in {one.workload.engine: one.workload for one in found}.values():
        counts = f"{len(one.billed_warm_s)} warm and {len(one.billed_cold_s)} cold calls"
        yield f"{one.engine}: billed as the mean of {counts}, by {one.billed_observer}."


def _bills(found: Sequence[SideBySide], sources: tuple[Caption, ...]) -> Iterator[Table]:
    """Of the middle one of the months, or the only one."""
    months = [one.months[len(one.months) // 2] for one in found]
    rows: list[Row] = []
    for one, month in zip(found, months, strict=True):
        rows += bill.bill(f"{one.workload.engine}, Lambda", month.on_lambda)
        rows += bill.bill(f"{one.workload.engine}, {month.servers_count} x {one.server.name}", month.on_servers)
    # An engine's bill of Lambda is the same beside every server.
    once = {(row.group, row.cells): row for row in rows}
    title = f"Bills of {number(months[0].requests)} requests a month"
    yield Table("bills", title, bill.COLUMNS, tuple(once.values()), sources)
