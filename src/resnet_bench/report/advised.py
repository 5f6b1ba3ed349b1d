"""What to choose: one sentence to act on with its condition, and a table of what it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resnet_bench.analysis.advice import Advice, Side2Side, advise
from resnet_bench.analysis.cost import BreakEven, Terms
from resnet_bench.analysis.objective import Objective
from resnet_bench.errors import ResultError
from resnet_bench.prices.servers import DEFAULT_INSTANCE, instance
from resnet_bench.prices.table import Prices
from resnet_bench.report.captions import captions
from resnet_bench.report.names import listed, named
from resnet_bench.report.rows import Caption, Column, Kind, Row, Table, Value
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run
from resnet_bench.units import format_rate, number

_HOUR_S = 3600
# Two rates within 5 % are told as one.
_SAME = 1.05
COLUMNS = (
    Column("what", ""),
    Column("server", "server", "seconds"),
    Column("lambda", "Lambda", "seconds"),
    Column("better", "better", fold=True),
)
_PERFORMANCE, _COST, _SCALE = "performance", "cost", "scalability"


def advice_for(run: Run, prices: Prices, objectives: Sequence[Objective] = ()) -> Advice | Skipped:
    """Against the default kind of server; ``Skipped`` where the run is no ground for advice, with what would be."""
    try:
        return advise(run, prices, instance(prices, DEFAULT_INSTANCE), objectives)
    except ResultError as error:
        return Skipped(f"{error.message} ({error.hint})")


def advice_sentence(advice: Advice, prices: Prices) -> str:
    local, remote = advice.missed["local"], advice.missed["remote"]
    stands_on = conditions(prices, emulated=advice.on_lambda.emulated)
    if local and remote:
        return f"Neither side keeps {_texts((*local, *remote))}: take a faster machine, or more memory on Lambda."
    if local:
        return f"Take {_function(advice)}, since only it keeps {_texts(local)}{_if_cold(advice)} {stands_on}."
    if remote:
        return f"Take {_servers(advice)}, since Lambda misses {_texts(remote)} {stands_on}."
    return f"{_by_rate(advice)} {stands_on}."


def conditions(prices: Prices, *, emulated: bool) -> str:
    """What no measurement tells, in brackets behind whatever is said of costs."""
    function = "an emulated Lambda; " if emulated else ""
    return f"(list prices of {prices.region}; {function}servers taken to be as fast as this machine)"


def _texts(objectives: tuple[Objective, ...]) -> str:
    return " and ".join(dict.fromkeys(one.text for one in objectives))


def _by_rate(advice: Advice) -> str:
    crossing = advice.crossing
    if crossing.winner == "server":
        return f"At any rate of requests take {_servers(advice)}: {crossing.reason}"
    if crossing.first_rate is None:
        return f"At any rate of requests{_if_cold(advice)}, take {_function(advice)}: {crossing.reason}"
    below = f"Under about {an_hour(crossing.first_rate)} requests an hour{_if_cold(advice)}, take {_function(advice)}"
    if crossing.rate is None:
        return f"{below}; above it they cost about the same, and {crossing.reason}"
    above = f"{below}; above it, {_servers(advice)}"
    if crossing.rate <= crossing.first_rate * _SAME:
        return above
    again = "where one more server has just become necessary, Lambda is cheaper again"
    return f"{above} ({again}, up to about {an_hour(crossing.rate)})"


def _if_cold(advice: Advice) -> str:
    return f", and if a first answer after {number(advice.first_answer_s, 2)} s is acceptable"


def _function(advice: Advice) -> str:
    return f"Lambda with {advice.on_lambda.memory_mb} MB and the {named(advice.on_lambda.engine)} engine"


def _servers(advice: Advice) -> str:
    count = "one" if advice.servers == 1 else f"{advice.servers}"
    return f"{count} {advice.server.name} with {named(advice.on_server.engine)}"


def an_hour(rate: float) -> str:
    """Two digits: more would promise what prices and traffic cannot keep."""
    hourly = rate * _HOUR_S
    return f"{float(f'{hourly:.1e}'):,.0f}" if hourly >= 10 else number(hourly, 2)  # noqa: PLR2004 - two whole digits


def advice_table(advice: Advice, run: Run, prices: Prices) -> Table:
    """In place of opinions on performance, cost and scalability: this workload's own figures, engine by engine."""
    name = advice.server.name
    return Table(
        name="choice",
        title="Which side for what",
        columns=COLUMNS,
        rows=tuple(row for one in advice.engines for row in _rows(one)),
        captions=(*captions(run), *(Caption(text, text) for text in (prices.notice, *advice.server.assumptions))),
        notes=(
            f"server: times are this machine's, costs those of a {name}, taken to be as fast.",
            "What a machine of your own costs instead: resnet-bench cost RESULT --own-price 900 --watts 45",
            f"one unit: a server, or an environment of Lambda's. Times: medians of {_counts(advice)}.",
            "better: by the pairs' ratio and its 95 % interval, or by the prices.",
            f"in use: servers to {Terms().utilisation:.0%} on average, so that requests seldom wait.",
            "Costs and calls a second are calculated: by list prices, and from the mean time of a call.",
            "one more unit: an environment's cold start; how long a server takes to boot was not measured.",
        ),
        inline_units=True,
    )


def _rows(one: Side2Side) -> Iterator[Row]:
    def row(what: str, server: Value, function: Value, better: str = "", kind: Kind = "seconds") -> Row:
        return Row((what, server, function, better), one.engine, level, kind)

    level = 0
    yield row(_PERFORMANCE, "", "")
    level = 1
    yield row("warm call, p50", one.local.p50, one.remote.p50, _faster(one))
    yield row("warm call, p95", one.local.p95, one.remote.p95)
    yield row("start to first answer", one.local_start_s, one.cold_s)
    level = 0
    yield row(_COST, "", "")
    level = 1
    yield row("a month without a call", one.server_month_usd, one.lambda_idle_usd, _cheaper(one), "usd")
    yield row("a million calls, in use", one.server_million_usd, one.lambda_million_usd, _cheaper_million(one), "usd")
    yield row("cheaper", *_where_cheaper(one.crossing))
    level = 0
    yield row(_SCALE, "", "")
    level = 1
    yield row("calls at once, one unit", one.workers, 1, "", "count")
    yield row("calls a second, one unit", one.server_per_second, one.environment_per_second, "", "rate")
    yield row("one more unit takes", None, one.cold_s)


def _counts(advice: Advice) -> str:
    """``60 warm pairs and 3 cold starts with torch and onnx``: engines with the same counts are named together."""
    counts: dict[str, list[str]] = {}
    for one in advice.engines:
        counts.setdefault(f"{one.local.n} warm pairs and {one.cold_count} cold starts", []).append(one.engine)
    return "; ".join(f"{count} with {listed(names)}" for count, names in counts.items())


def _where_cheaper(crossing: BreakEven) -> tuple[str, str]:
    if crossing.winner == "server":
        return "at any rate", "never"
    up_to = "at any rate" if crossing.first_rate is None else f"up to {format_rate(crossing.first_rate)}"
    return ("never for good" if crossing.rate is None else f"from {format_rate(crossing.rate)}"), up_to


def _faster(one: Side2Side) -> str:
    interval = None if one.ratio is None else one.ratio.interval
    if interval is None or 1 in interval:
        return "not certain"
    side, low, high = "server", interval.low, interval.high
    if high < 1:
        side, low, high = "Lambda", 1 / high, 1 / low
    return f"{side}, {number(low, 2)} to {number(high, 2)} x"


def _cheaper(one: Side2Side) -> str:
    return "Lambda" if one.lambda_idle_usd < one.server_month_usd else "server"


def _cheaper_million(one: Side2Side) -> str:
    return "Lambda" if one.lambda_million_usd < one.server_million_usd else "server"
