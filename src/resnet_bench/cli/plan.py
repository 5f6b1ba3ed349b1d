"""``resnet-bench plan``: both sides under simulated traffic, drawn from measured calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import ObjectiveMissed, UsageError
from resnet_bench.units import whole

if TYPE_CHECKING:
    from resnet_bench.analysis.traffic.arrivals import Arrivals
    from resnet_bench.analysis.traffic.asked import Asked
    from resnet_bench.analysis.traffic.plan import TrafficPlan
    from resnet_bench.analysis.workload import Workload
    from resnet_bench.prices.table import Prices
    from resnet_bench.results.run import Run

_RUN_FIRST = "measure both sides first: resnet-bench compare IMAGE"


def plan(
    result: Annotated[
        Path | None,
        typer.Argument(
            metavar="RESULT", help="A result of compare; default: the newest in results/.", show_default=False
        ),
    ] = None,
    rate: Annotated[
        str, typer.Option(metavar="RATE", help="Requests, as 5/min, or a range as 1/h..100/s; s, min, h or d.")
    ] = "1/h..100/s",
    pattern: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="steady, office-hours, bursty, or a file of timestamps.")
    ] = "steady",
    slo: Annotated[
        str | None,
        typer.Option(
            metavar="p99=1s", help="What a side has to keep; exit with 1 if none does at some rate.", show_default=False
        ),
    ] = None,
    days: Annotated[float, typer.Option(min=0.01, max=3650, metavar="N", help="How long costs are added up.")] = 30.0,
    engine: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of those in the result; default: the cheapest.", show_default=False),
    ] = None,
    precision: network.ResultPrecisions = None,
    instance: Annotated[str, typer.Option(metavar="TYPE", help="EC2 instance to compare with.")] = "c7i.large",
    servers: Annotated[
        str,
        typer.Option(metavar="N|auto|scaling", help="So many; the fewest that will do; as many as the load asks for."),
    ] = "auto",
    scale_delay: Annotated[
        float, typer.Option(min=0, max=86_400, metavar="SECONDS", help="With scaling: until a new server answers.")
    ] = 120.0,
    keep_alive: Annotated[
        float,
        typer.Option(min=1, max=86_400, metavar="SECONDS", help="How long an idle environment of Lambda's lives."),
    ] = 600.0,
    concurrency_limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Calls that the account may have at once.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the simulated traffic.")] = 0,
    json: options.Json = False,
    html: options.Html = None,
    quiet: options.Quiet = False,
) -> None:
    """Simulate traffic on both sides, drawn from a result's calls: latency, refusals, cost, and which to take.

    Nothing is called. Lambda: environments, cold starts, scaling and its limits. Servers: a queue before as many as
    are needed. Both meet the same requests.

    Examples:

      resnet-bench plan                                  # the newest result

      resnet-bench plan results/FILE.json --rate 1/h..10/s --slo p99=1s

      resnet-bench plan --pattern office-hours --servers scaling

      resnet-bench plan --pattern access-times.txt       # as it was recorded
    """
    from resnet_bench.analysis.objective import parse
    from resnet_bench.analysis.traffic.asked import Asked
    from resnet_bench.cli.chosen import chosen
    from resnet_bench.cli.output import check_agreement, check_place, show_page
    from resnet_bench.cli.priced import known_prices
    from resnet_bench.cli.variants import in_result
    from resnet_bench.report import write_page_html
    from resnet_bench.report.planned import plan_page

    asked = Asked(
        days=days,
        objective=None if slo is None else parse(slo),
        keep_alive_s=keep_alive,
        concurrency_limit=concurrency_limit,
        servers=_servers(servers),
        scale_delay_s=scale_delay,
        seed=seed,
    )
    rates, arrivals = _traffic(rate, pattern)
    run, _ = chosen(result, ("compare", "explain"), _RUN_FIRST)
    check_agreement(run)
    if html is not None:
        check_place(html, "the HTML report")
    prices = known_prices(run.deployment.region if run.deployment is not None else None)
    engines = in_result(run.settings.engines, () if engine is None else (engine,), precision or ())
    made = _planned(run, prices, engines, instance, asked, rates, arrivals, quiet=quiet)
    page = plan_page(run, prices, made)
    show_page(page, json=json, quiet=quiet)
    if html is not None:
        write_page_html((page,), html)
        if not quiet:
            typer.echo(f"HTML: {html}", err=True)
    _check_kept(made)


def _planned(
    run: Run,
    prices: Prices,
    engines: Sequence[str],
    instance: str,
    asked: Asked,
    rates: tuple[float, ...],
    arrivals: Callable[[float], Arrivals],
    *,
    quiet: bool,
) -> TrafficPlan:
    from resnet_bench.analysis.traffic.plan import Planner
    from resnet_bench.cli.progress import display
    from resnet_bench.prices.servers import instance as rented

    planner = Planner(_workload(run, prices, engines), prices, rented(prices, instance), asked, arrivals)
    with display(quiet=quiet) as shown:
        return planner.plan(rates, shown)


def _check_kept(made: TrafficPlan) -> None:
    """
    Raises:
        ObjectiveMissed: at some rate no side keeps what was asked for.
    """
    from resnet_bench.units import format_rate

    lost = [point.rate for point in made.points if point.winner == "neither"]
    if lost and made.asked.objective is not None:
        raise ObjectiveMissed(
            f"neither side keeps {made.asked.objective.text} at {', '.join(map(format_rate, lost))}",
            "measure Lambda with more --memory, and servers where calls are faster",
        )


def _servers(text: str) -> int | Literal["auto", "scaling"]:
    """
    Raises:
        UsageError: neither a number nor one of the two words.
    """
    if text == "auto":
        return "auto"
    if text == "scaling":
        return "scaling"
    if (count := whole(text)) is not None and count > 0:
        return count
    raise UsageError(f"--servers is {text}", "give a number from 1 on, auto or scaling")


def _traffic(rate: str, name: str) -> tuple[tuple[float, ...], Callable[[float], Arrivals]]:
    """The rates, and what makes the traffic of one; what was recorded has one of its own.

    Raises:
        UsageError: no rate, no pattern, or a file that cannot be read.
    """
    from resnet_bench.analysis.traffic.patterns import PATTERNS, pattern
    from resnet_bench.analysis.traffic.rates import parse_rates
    from resnet_bench.analysis.traffic.recorded import read_recorded

    if name not in PATTERNS and Path(name).exists():
        recorded = read_recorded(Path(name))
        return (recorded.rate,), lambda _rate: recorded
    rates = parse_rates(rate).grid
    pattern(name, rates[0])
    return rates, lambda each: pattern(name, each)


def _workload(run: Run, prices: Prices, engines: Sequence[str]) -> Workload:
    """Of those that were asked for, or of all, the cheapest on Lambda.

    Raises:
        UsageError: the result has no such engine.
        ResultError: the result is no ground for a plan.
    """
    from resnet_bench.analysis.ground import to_be_priced
    from resnet_bench.analysis.traffic.plan import cheapest

    return cheapest(to_be_priced(run, engines), prices)
