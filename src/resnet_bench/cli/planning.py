"""Finding out what ``deploy`` would do: of AWS if it can be asked, else of what is known without it."""

from __future__ import annotations

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.prices import current
from resnet_bench.aws.stack.apply import changeable
from resnet_bench.aws.stack.describe import Stack, describe
from resnet_bench.aws.stack.estimate import estimate
from resnet_bench.aws.stack.image import EcrImage, by_digest
from resnet_bench.aws.stack.plan import Change, Known, ask, changes
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.cli.plans import Plan
from resnet_bench.errors import AwsError
from resnet_bench.prices.table import Prices, packaged


def planned(
    account: Account, name: str, wanted: Wanted, image: EcrImage | None, *, dry_run: bool
) -> tuple[Stack | None, Plan]:
    """The stack as it is, and the plan. ``image``: one that was given; without it one is built.

    Raises:
        UsageError: the image is in another region.
        AwsError: the stack may not be changed now; or AWS could not be asked, unless for a ``dry_run``.
    """
    try:
        account.credentials()  # without any, the next call would say the same less clearly
        found = describe(account.client("cloudformation"), name)
    except AwsError as error:
        if not dry_run:
            raise
        region = _region(account)
        return None, _plan(name, region, wanted, Known(), packaged(region), image=image, unasked=error.message)
    changeable(found, name)
    known = ask(account.client("cloudformation"), found)
    uri = "" if image is None else by_digest(account, image)
    return found, _plan(name, account.region, wanted, known, current(account), image=image, uri=uri)


def _plan(
    name: str,
    region: str | None,
    wanted: Wanted,
    known: Known,
    prices: Prices,
    *,
    image: EcrImage | None,
    uri: str = "",
    unasked: str = "",
) -> Plan:
    return Plan(
        stack=name,
        region=region,
        exists=bool(known.resources),
        wanted=wanted,
        image=_image(wanted, image),
        image_uri=uri,
        changes=changes(known, wanted.parameters(uri), new_image=image is None),
        estimate=estimate(prices, wanted),
        prices=prices,
        unasked=unasked,
    )


def _region(account: Account) -> str | None:
    try:
        return account.region
    except AwsError:
        return None


def _image(wanted: Wanted, image: EcrImage | None) -> Change:
    if image is not None:
        return Change("container image", "keep", "given with --image")
    return Change("container image", "create", f"built here for {wanted.engine} on {wanted.architecture}, and pushed")
