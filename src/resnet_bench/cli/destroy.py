"""``resnet-bench destroy``: remove all that ``deploy`` has made, and look whether it is gone."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict

import typer

from resnet_bench.cli import options
from resnet_bench.errors import AwsError, UsageError


def destroy(
    stack: options.StackName = options.DEFAULT_STACK,
    region: options.Region = None,
    profile: options.Profile = None,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Delete the stack with all that is in it, images and logs too, and verify that nothing is left.

    Examples:

      resnet-bench destroy --stack resnet-bench

      resnet-bench destroy --stack mine --region eu-central-1 --yes
    """
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack.delete import deletable, delete
    from resnet_bench.aws.stack.names import checked_name
    from resnet_bench.aws.stack.remains import names_of, verify
    from resnet_bench.cli.confirm import confirm
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.watched import watching

    if json and not yes:
        raise UsageError("with --json nothing can be asked", "add --yes")
    checked_name(stack)
    account = Account(region=region, profile=profile)
    cloudformation = account.client("cloudformation")
    with display(quiet=False) as shown:
        shown.step("asking AWS what there is")
        found = deletable(cloudformation, stack, account.region)
        names = names_of(account, stack, found.id)
    confirm(f"Delete the stack {stack} in {account.region}, with its function, images, logs and dashboard?", yes=yes)
    with display(quiet=False) as shown:
        delete(cloudformation, stack, found, watching(shown))
        shown.step("looking whether anything is left")
        checked = tuple(verify(account, names, sleep=shown.wait))
    if json:
        typer.echo(json_text.dumps({"stack": stack, "checks": [asdict(each) for each in checked]}, indent=2))
    else:
        for each in checked:
            typer.echo(f"{each.state:8} {each.what} {each.name}{f' ({each.reason})' if each.reason else ''}")
    left = [f"{each.what} {each.name}" for each in checked if each.state != "gone"]
    if left:
        raise AwsError(
            f"the stack {stack} is deleted, and not all is known to be gone: {', '.join(left)}",
            "look for it in the AWS console, and delete it there",
            code="Leftover",
        )
    if not json:
        typer.echo(f"nothing is left of {stack} in {names.region}")
