"""``resnet-bench load --locust``: how to load a deployed function from many machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from resnet_bench.cli.options import SideOptions
from resnet_bench.errors import UsageError
from resnet_bench.load.commands import LocustPlan


def show_commands(sides: SideOptions, images: Sequence[Path], *, users: int, duration_s: float) -> None:
    """Print what to type on which machine.

    Raises:
        UsageError: neither --url nor --stack, or no image.
        AwsError: the stack cannot be found.
    """
    remote = sides.remote
    if remote.via == "invoke" or remote.image is not None:
        raise UsageError("Locust calls over HTTP", "leave out --via and --image")
    if not images:
        raise UsageError("no image was given", "name one: resnet-bench load cat.jpg --url https://... --locust")
    url, region = _address(sides)
    plan = LocustPlan(url, [str(path.absolute()) for path in images], users, duration_s, raw=remote.raw, sign=region)
    for line in plan.lines():
        typer.echo(line)


def _address(sides: SideOptions) -> tuple[str, str]:
    """The API's URL, and the region for which its calls must be signed; empty if they need not be."""
    from resnet_bench.aws.access.account import Account

    remote = sides.remote
    if remote.stack is not None:
        from resnet_bench.aws.stack import find

        deployed = find(Account(region=remote.region, profile=remote.profile), remote.stack)
        return deployed.url, deployed.region if deployed.authorization == "AWS_IAM" else ""
    if remote.url is None:
        raise UsageError(
            "--locust needs a function that other machines can reach",
            "give --url or --stack; to try it here, start `resnet-bench emulate` and give the URL that it prints",
        )
    return remote.url, Account(region=remote.region, profile=remote.profile).region if remote.sign else ""
