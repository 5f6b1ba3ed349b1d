"""``resnet-bench dashboard``: the stack's CloudWatch dashboard, here and in the console."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli import options
from resnet_bench.cli.streams import write_document
from resnet_bench.errors import AwsError, UsageError

if TYPE_CHECKING:
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack import Deployed
    from resnet_bench.results.metrics import MetricSeries

_SINCE = re.compile(r"(\d{1,6})([mhd])", re.ASCII)
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}


def dashboard(
    stack: options.StackName = options.DEFAULT_STACK,
    since: Annotated[str, typer.Option(metavar="TIME", help="From when on: 30m, 2h or 1d ago.")] = "30m",
    region: options.Region = None,
    profile: options.Profile = None,
    html: options.Html = None,
    json: options.Json = False,
) -> None:
    """Show the metrics of a deployed Lambda's CloudWatch dashboard, and where to see it in the AWS console.

    Examples:

      resnet-bench dashboard --since 2h

      resnet-bench dashboard --stack NAME --since 1d --html metrics.html
    """
    since_s = parse_since(since)

    from resnet_bench import report
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.metrics.dashboards import console_url
    from resnet_bench.aws.metrics.series import fetch_series
    from resnet_bench.aws.stack import find
    from resnet_bench.cli.output import check_place

    if html is not None:
        check_place(html, "the HTML report")
    account = Account(region=region, profile=profile)
    deployed = find(account, stack)
    now_s = time.time()
    metrics = fetch_series(account, deployed.dashboard, now_s - since_s, now_s)
    url = console_url(deployed.region, deployed.dashboard)
    page = report.metrics_page(metrics)
    if html is not None:
        report.write_page_html((page,), html)
    if json:
        write_document(report.metrics_document(metrics, url))
    else:
        typer.echo(f"{url}\n")
        report.render_page(page, report.console())
    if html is not None:
        typer.echo(f"HTML: {html}", err=True)


def metrics_of_run(account: Account, deployed: Deployed, start_s: float, end_s: float) -> tuple[MetricSeries, ...]:
    """What the dashboard shows of a run that has just ended, for ``output.show_run``; its address on standard error.

    Where the figures cannot be had the reason is said there too, and there are none: what the run itself has measured
    must not be lost to it.
    """
    from resnet_bench.aws.metrics.dashboards import console_url
    from resnet_bench.aws.metrics.series import fetch_series

    typer.echo(f"dashboard: {console_url(deployed.region, deployed.dashboard)}", err=True)
    try:
        return fetch_series(account, deployed.dashboard, start_s, end_s)
    except AwsError as error:
        typer.echo(f"no CloudWatch metrics: {error.message}", err=True)
        if error.hint:
            typer.echo(f"  try: {error.hint}", err=True)
        return ()


def parse_since(text: str) -> float:
    """Seconds, from ``30m``, ``2h`` or ``1d``.

    Raises:
        UsageError: it is none of these, nothing at all, or longer than CloudWatch keeps metrics.
    """
    from resnet_bench.aws.metrics.series import KEPT_LONGEST_S

    found = _SINCE.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise UsageError(f"--since is {text}", "give minutes, hours or days: 30m, 2h or 1d")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > KEPT_LONGEST_S:
        raise UsageError(f"--since is {text}", f"CloudWatch keeps metrics for {KEPT_LONGEST_S // _SECONDS['d']} days")
    return float(seconds)
