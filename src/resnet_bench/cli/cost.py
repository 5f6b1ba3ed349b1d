"""``resnet-bench cost``: what a measured workload costs on Lambda and on servers, and where they break even."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import UsageError

if TYPE_CHECKING:
    from resnet_bench.prices.servers import Server
    from resnet_bench.prices.table import Prices

# More than all of humanity could send: beyond it every figure is noise.
_MOST = 1e13
# A small desktop computer at work, and what a kWh costs in a European household, about.
_OWN = {"watts": 60.0, "life_years": 4.0, "kwh_usd": 0.25}
_RUN_FIRST = "measure both sides first: resnet-bench compare IMAGE"


def cost(
    result: Annotated[
        Path | None,
        typer.Argument(
            metavar="RESULT",
            help="A result of compare or explain; default: the newest in results/.",
            show_default=False,
        ),
    ] = None,
    requests: Annotated[
        list[str] | None,
        typer.Option(
            "--requests-per-month", metavar="N", help="How many; repeat for several; default: 1e3, 1e4, up to 1e8."
        ),
    ] = None,
    instance: Annotated[
        list[str] | None,
        typer.Option(metavar="TYPE", help="EC2 instance to compare with; repeat for several; default: c7i.large."),
    ] = None,
    own_price: Annotated[
        float | None, typer.Option(metavar="USD", help="Compare with a machine like this one: what it costs to buy.")
    ] = None,
    watts: Annotated[
        float | None, typer.Option(metavar="W", help="What your machine draws, on average; default: 60.")
    ] = None,
    life: Annotated[
        float | None, typer.Option(metavar="YEARS", help="How long your machine is used; default: 4.")
    ] = None,
    kwh: Annotated[float | None, typer.Option(metavar="USD", help="What you pay for a kWh; default: 0.25.")] = None,
    engine: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of those in the result; repeat for several; default: all.")
    ] = None,
    precision: network.ResultPrecisions = None,
    free_tier: Annotated[
        bool, typer.Option("--free-tier/--no-free-tier", help="Take off what Lambda gives an account free of charge.")
    ] = False,
    keep_alive: Annotated[
        float,
        typer.Option(
            min=0.1, max=1e6, metavar="MINUTES", help="How long an idle environment lives, which AWS does not promise."
        ),
    ] = 10.0,
    traced_share: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="0..1", help="Calls that X-Ray records; default: as it samples by itself."),
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose prices; default: the result's, or those last asked for.")
    ] = None,
    profile: options.Profile = None,
    refresh_prices: Annotated[
        bool, typer.Option("--refresh-prices", help="Ask AWS's price list first, and keep what it says.")
    ] = False,
    json: options.Json = False,
    html: options.Html = None,
    quiet: options.Quiet = False,
) -> None:
    """Tell what a measured workload costs a month, on Lambda and on servers, and where they break even.

    Nothing is called but, with --refresh-prices, AWS's price list: the times are those of a saved result, the prices
    are dated list prices, and what is assumed is printed.

    Examples:

      resnet-bench cost                                  # the newest result

      resnet-bench cost results/FILE.json --requests-per-month 2e6

      resnet-bench cost --instance c7g.large --instance t3.medium --free-tier

      resnet-bench cost --own-price 900 --watts 45       # a machine like this

      resnet-bench cost --refresh-prices --region eu-central-1
    """
    from resnet_bench.analysis.cost import USUAL, Terms, side_by_side
    from resnet_bench.analysis.ground import to_be_priced
    from resnet_bench.cli.chosen import chosen
    from resnet_bench.cli.output import check_agreement, check_place, show_page
    from resnet_bench.cli.priced import known_prices, refreshed_prices
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.variants import in_result
    from resnet_bench.report import write_page_html
    from resnet_bench.report.costed import cost_page

    months = sorted({*map(_number, requests)} if requests else USUAL)
    own = _own(own_price, watts, life, kwh)
    run, _ = chosen(result, ("compare", "explain"), _RUN_FIRST)
    check_agreement(run)
    found = to_be_priced(run, in_result(run.settings.engines, engine or (), precision or ()))
    if html is not None:
        check_place(html, "the HTML report")
    where = region or (run.deployment.region if run.deployment is not None else None)
    if refresh_prices:
        with display(quiet=quiet) as shown:
            shown.step("asking AWS's price list")
            prices = refreshed_prices(where, profile, instance or ())
    else:
        prices = known_prices(where)
    servers = _servers(prices, instance or (), own, run.environment.cpus_count)
    terms = Terms(free_tier=free_tier, traced_share=traced_share, keep_alive_s=keep_alive * 60)
    compared = [side_by_side(one, prices, server, months, terms) for one in found for server in servers]
    page = cost_page(run, prices, compared, terms)
    show_page(page, json=json, quiet=quiet)
    if html is not None:
        write_page_html((page,), html)
        if not quiet:
            typer.echo(f"HTML: {html}", err=True)


def _number(text: str) -> float:
    """
    Raises:
        UsageError: not a positive number, or an absurd one.
    """
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        value = math.nan
    if not 0 < value <= _MOST:
        raise UsageError(f"--requests-per-month is {text}", "give a positive number, as in 20000 or 2e6")
    return value


def _own(
    price_usd: float | None, watts: float | None, life_years: float | None, kwh_usd: float | None
) -> dict[str, float] | None:
    """The figures of one's own machine; ``None`` where none was asked for.

    Raises:
        UsageError: there are figures of it, but not what it costs.
    """
    given = {"watts": watts, "life_years": life_years, "kwh_usd": kwh_usd}
    if price_usd is None:
        for option, value in zip(("--watts", "--life", "--kwh"), given.values(), strict=True):
            if value is not None:
                raise UsageError(f"{option} is of your own machine, whose price is not given", "add --own-price USD")
        return None
    return {"price_usd": price_usd, **_OWN, **{name: value for name, value in given.items() if value is not None}}


def _servers(prices: Prices, instances: Sequence[str], own: dict[str, float] | None, cpus: int) -> list[Server]:
    """
    Raises:
        UsageError: no price of an instance is known, or no machine has such figures.
    """
    from resnet_bench.prices.servers import DEFAULT_INSTANCE, instance, own_machine

    names = instances or ([DEFAULT_INSTANCE] if own is None else [])
    machines = [] if own is None else [own_machine(**own, vcpus=cpus)]
    return [*(instance(prices, name) for name in names), *machines]
