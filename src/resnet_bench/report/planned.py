"""The page of ``plan``: simulated latency and cost of both sides at each rate, and where the choice changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from resnet_bench.analysis.ground import to_be_priced
from resnet_bench.analysis.traffic.asked import Asked
from resnet_bench.analysis.traffic.latencies import Estimate
from resnet_bench.analysis.traffic.outcome import Outcome
from resnet_bench.analysis.traffic.patterns import pattern
from resnet_bench.analysis.traffic.plan import TOLERATED, Change, Planner, Point, TrafficPlan, Winner, cheapest
from resnet_bench.analysis.traffic.rates import parse_rates
from resnet_bench.analysis.traffic.servers import MAX_WAIT_S
from resnet_bench.analysis.traffic.simulate import GATEWAY_TIME_OUT_S
from resnet_bench.analysis.workload import Workload
from resnet_bench.benchmark.stats import median
from resnet_bench.errors import ResultError
from resnet_bench.prices.servers import DEFAULT_INSTANCE, instance
from resnet_bench.prices.table import Prices
from resnet_bench.progress import Progress
from resnet_bench.report.advised import an_hour, conditions
from resnet_bench.report.captions import UNTRAINED, captions, remote_in_short, untrained
from resnet_bench.report.figures.traffic import cost_over_rate, latency_over_rate
from resnet_bench.report.names import named
from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Caption, Column, Row, Table, span
from resnet_bench.report.tables import caveats_for
from resnet_bench.results.run import Run
from resnet_bench.units import format_rate, number

USUAL_RATES = "1/h..100/s"
_LATENCY = (
    Column("rate", "requests", "rate"),
    Column("lambda_p50", "Lambda p50", "seconds"),
    Column("lambda_p95", "p95", "seconds", drop=2),
    Column("lambda_p99", "p99", "seconds"),
    Column("lambda_p99_interval", "95 % interval", "seconds", detail=True),
    Column("cold", "cold", "percent"),
    Column("lambda_refused", "refused", "percent"),
    Column("servers", "servers", "ratio"),
    Column("server_p50", "p50", "seconds"),
    Column("server_p95", "p95", "seconds", drop=2),
    Column("server_p99", "p99", "seconds"),
    Column("server_p99_interval", "95 % interval", "seconds", detail=True),
    Column("server_refused", "refused", "percent"),
)
_COST = (
    Column("rate", "requests", "rate"),
    Column("lambda", "Lambda", "usd"),
    Column("servers", "servers", "usd"),
    Column("lambda_keeps", "Lambda keeps it"),
    Column("servers_keep", "servers keep it"),
    Column("choice", "take"),
    Column("simulated", "simulated", "count"),
)
_CHANGES = (
    Column("what", "what"),
    Column("rate", "at about", "rate"),
    Column("before", "below"),
    Column("after", "above"),
)
_SIDES: dict[Winner, str] = {"lambda": "Lambda", "server": "servers", "neither": "neither"}
_WHAT = {"choice": "the cheapest that will do", "p99": "the lower p99"}


def plan_page(run: Run, prices: Prices, plan: TrafficPlan) -> Page:
    return Page(
        name="plan",
        headline=tuple(_headline(run, plan)),
        sections=plan_sections(run, prices, plan),
        caveats=caveats_for(run),
        verdict=_verdict(prices, plan),
        warning=UNTRAINED if untrained(run) else "",
        record=_record(prices, plan),
    )


def plan_sections(run: Run, prices: Prices, plan: TrafficPlan) -> tuple[Section, ...]:
    """All of that page that is drawn, for a page of the run's other figures."""
    sources = (*captions(run), *_sources(prices, plan))
    latency = Table("traffic", "Latency under simulated traffic", _LATENCY, _rows(plan), sources, tuple(_reading(plan)))
    days = f"{plan.asked.days:g} day{'' if plan.asked.days == 1 else 's'}"
    cost = Table("traffic_cost", f"Cost of {days}, USD", _COST, tuple(map(_priced(plan), plan.points)), sources)
    tables = (latency, cost, _crossings(plan, sources)) if plan.changes else (latency, cost)
    figures = (latency_over_rate(plan, sources), cost_over_rate(plan, sources)) if len(plan.points) > 1 else ()
    return (Section("Traffic", tables, figures),)


def usual_traffic(run: Run, prices: Prices, progress: Progress) -> tuple[Section, ...]:
    """The same with nothing asked for; empty where the run is no ground for it, as the verdict then says."""
    try:
        workload = cheapest(to_be_priced(run), prices)
    except ResultError:
        return ()
    planner = Planner(
        workload, prices, instance(prices, DEFAULT_INSTANCE), Asked(), lambda rate: pattern("steady", rate)
    )
    return plan_sections(run, prices, planner.plan(parse_rates(USUAL_RATES).grid, progress))


def _headline(run: Run, plan: TrafficPlan) -> Iterator[str]:
    where = "Lambda" if run.deployment is None else remote_in_short(run.deployment)
    yield f"plan of {plan.workload.engine}: {where} against {plan.rented.name}"
    yield f"simulated, not measured: drawn from {_drawn_from(plan.workload)}"
    yield plan.pattern


def _drawn_from(one: Workload) -> str:
    return f"{len(one.remote_s)} warm and {len(one.cold_s)} cold calls of Lambda, {len(one.local_s)} warm ones here"


def _sources(prices: Prices, plan: TrafficPlan) -> Iterator[Caption]:
    simulated = f"simulated from {_drawn_from(plan.workload)}"
    yield Caption(f"{simulated}; {plan.pattern}", simulated)
    yield Caption(f"prices: {prices.notice}", f"prices: {prices.region}")


def _reading(plan: TrafficPlan) -> Iterator[str]:
    asked, one = plan.asked, plan.workload
    yield "p50 to p99: of the answers, as a client of this run would wait. refused: got no answer, for whatever reason."
    yield (
        f"Lambda: idle environments live {asked.keep_alive_s / 60:g} minutes, the last used first; "
        f"{asked.concurrency_limit:,} calls at once, 1,000 new environments in 10 s; {GATEWAY_TIME_OUT_S:g} s at most."
    )
    yield (
        f"servers: {_counted(plan)}; one queue, refused after {MAX_WAIT_S:g} s; each "
        f"{max(1, plan.rented.vcpus // one.local_threads)} at a time, taken to be as fast as this machine, and without "
        "the network before them."
    )
    yield "Intervals are the simulation's own (all in --json): of how well the calls stand for others they say nothing."


def _counted(plan: TrafficPlan) -> str:
    match plan.asked.servers:
        case "auto" if plan.asked.objective is not None:
            return "the fewest that keep the objective"
        case "auto":
            return f"as many as are used to 60 % by the mean load, more where they refuse over {TOLERATED:.1%}"
        case "scaling":
            return f"as many as the load asks for, each serving {plan.asked.scale_delay_s:g} s after it was asked for"
        case count:
            return f"{count} all the time"


def _rows(plan: TrafficPlan) -> tuple[Row, ...]:
    return tuple(Row((point.rate, *_of_lambda(point), *_of_servers(point))) for point in plan.points)


def _of_lambda(point: Point) -> tuple[Any, ...]:
    return (*_percentiles(point.on_lambda), point.on_lambda.cold.value, point.on_lambda.refused.value)


def _of_servers(point: Point) -> tuple[Any, ...]:
    return (point.count, *_percentiles(point.on_servers), point.on_servers.refused.value)


def _percentiles(outcome: Outcome) -> tuple[Any, ...]:
    p50, p95, p99 = (outcome.percentile(percent) for percent in (50, 95, 99))
    return (_known(p50), _known(p95), _known(p99), span(p99.interval))


def _known(found: Estimate) -> float | None:
    """``None`` where nobody was answered."""
    return None if math.isnan(found.value) else found.value


def _priced(plan: TrafficPlan) -> Any:
    def row(point: Point) -> Row:
        keeps = (_yes(point.lambda_keeps), _yes(point.servers_keep)) if plan.asked.objective else (None, None)
        simulated = point.on_lambda.simulated_count
        cells = (point.rate, point.lambda_usd, point.servers_usd, *keeps, _SIDES[point.winner], simulated)
        return Row(cells)

    return row


def _yes(kept: bool) -> str:
    return "yes" if kept else "no"


def _crossings(plan: TrafficPlan, sources: tuple[Caption, ...]) -> Table:
    rows = tuple(
        Row((_WHAT[one.what], one.rate, _SIDES[one.before], _SIDES[one.after]))
        for one in sorted(plan.changes, key=lambda one: (one.what, one.rate))
    )
    return Table("changes", "What changes as requests become more", _CHANGES, rows, sources)


def _verdict(prices: Prices, plan: TrafficPlan) -> str:
    """One sentence: up to which rate which side, on which conditions."""
    choices = [one for one in plan.changes if one.what == "choice"]
    first, last = plan.points[0], plan.points[-1]
    objective = "" if plan.asked.objective is None else f"To keep {plan.asked.objective.text}: "
    if not choices:
        span_of = (
            f"at {format_rate(first.rate)}"
            if first is last
            else f"at every rate from {format_rate(first.rate)} to {format_rate(last.rate)}"
        )
        sentence = f"{span_of}, {_take(plan, first.winner, last)}"
    else:
        sentence = f"under about {an_hour(choices[0].rate)} requests an hour, {_take(plan, first.winner, first)}"
        for one, following in zip(choices, [*choices[1:], None], strict=True):
            until = "" if following is None else f" up to {an_hour(following.rate)}"
            sentence += f"; above it{until}, {_short(plan, one)}"
    told = f"{objective}{sentence} {conditions(prices, emulated=plan.workload.emulated)}, by simulation."
    return told[0].upper() + told[1:]


def _take(plan: TrafficPlan, winner: Winner, point: Point) -> str:
    if winner == "neither":
        return "neither side will do"
    if winner == "server":
        return f"take {_servers(plan, point)}"
    cold = number(median(plan.workload.cold_s), 2)
    accepted = "" if plan.asked.objective else f"and if a first answer after {cold} s is acceptable, "
    return f"{accepted}take Lambda with {plan.workload.memory_mb} MB and the {named(plan.workload.engine)} engine"


def _short(plan: TrafficPlan, change: Change) -> str:
    if change.after == "neither":
        return "neither side will do"
    if change.after == "lambda":
        return "Lambda again"
    first, last = next(point for point in plan.points if point.rate >= change.rate), plan.points[-1]
    grown = f" ({number(last.count, 2)} at {format_rate(last.rate)})" if round(last.count) > round(first.count) else ""
    return f"{_servers(plan, first)}{grown}"


def _servers(plan: TrafficPlan, point: Point) -> str:
    count = "one" if round(point.count, 2) == 1 else number(point.count, 2)
    return f"{count} {plan.rented.name} with {named(plan.workload.engine)}"


def _record(prices: Prices, plan: TrafficPlan) -> dict[str, Any]:
    """For machines: rates are requests a second, times seconds, cost US dollars for ``days``."""
    return {
        "engine": plan.workload.engine,
        "memory_mb": plan.workload.memory_mb,
        "server": plan.rented.name,
        "pattern": plan.pattern,
        "asked": plan.asked,
        "prices": {"region": prices.region, "notice": prices.notice},
        "points": [_document(point) for point in plan.points],
        "changes": plan.changes,
    }


def _document(point: Point) -> dict[str, Any]:
    function = {
        "cold_share": point.on_lambda.cold,
        "throttled_share": point.on_lambda.throttled,
        "timed_out_share": point.on_lambda.timed_out,
        "environments_peak": point.on_lambda.environments_peak,
        "keeps_objective": point.lambda_keeps,
        "usd": point.lambda_usd,
    }
    servers = {
        "count": point.count,
        "peak_count": point.on_servers.peak_count,
        "utilisation": point.on_servers.utilisation,
        "wait_s": point.on_servers.wait_s,
        "keeps_objective": point.servers_keep,
        "usd": point.servers_usd,
    }
    return {
        "rate": point.rate,
        "simulated_count": point.on_lambda.simulated_count,
        "lambda": {**_outcome(point.on_lambda), **function},
        "servers": {**_outcome(point.on_servers), **servers},
        "choice": point.winner,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    percentiles = {f"p{percent}_s": outcome.percentile(percent) for percent in (50, 95, 99)}
    return {**percentiles, "refused_share": outcome.refused}
