"""``resnet-bench deploy``: put the handler on AWS Lambda, behind an HTTP API."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import AwsError, UsageError

if TYPE_CHECKING:
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack.describe import Stack
    from resnet_bench.aws.stack.find import Deployed
    from resnet_bench.cli.progress import Display


# Lambda's own limits.
_LEAST_MB, _MOST_MB = 128, 10240


def deploy(
    stack: options.StackName = options.DEFAULT_STACK,
    memory: Annotated[
        int,
        typer.Option(min=_LEAST_MB, max=_MOST_MB, metavar="MB", help="Memory of the function; its CPU share follows."),
    ] = options.DEFAULT_MEMORY_MB,
    engine: network.Engine = "onnx",
    precision: network.Precision = "fp32",
    decode: network.Decode = "exact",
    calibrate: network.Calibrate = None,
    arch: Annotated[str, typer.Option(metavar="x86_64|arm64", help="Processor of the function.")] = "x86_64",
    weights: options.Weights = "auto",
    public: Annotated[
        bool, typer.Option("--public", help="Let anyone call it, unsigned. You pay for what strangers call.")
    ] = False,
    image: Annotated[
        str | None, typer.Option(metavar="URI", help="Build nothing: take this image, which is in ECR already.")
    ] = None,
    tool: Annotated[
        str | None, typer.Option(metavar="NAME", help="docker, podman or buildah; default: the first that works.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="Base image to build on; default: AWS's for Python.")
    ] = None,
    region: options.Region = None,
    profile: options.Profile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop. Needs no credentials.")] = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Put the handler on AWS Lambda behind an HTTP API, in one stack; again: update it.

    The plan comes first: what is made or changed, and what it costs.

    Examples:

      resnet-bench deploy --dry-run

      resnet-bench deploy --memory 1769 --region eu-central-1

      resnet-bench deploy --stack mine --engine torch --arch arm64 --yes
    """
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack import deployment
    from resnet_bench.aws.stack import image as images
    from resnet_bench.aws.stack.names import checked_name
    from resnet_bench.aws.stack.template import Wanted
    from resnet_bench.cli.confirm import confirm
    from resnet_bench.cli.planning import planned
    from resnet_bench.cli.plans import plan_document, show_plan
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.supply import Supply
    from resnet_bench.cli.variants import Asked
    from resnet_bench.cli.watched import watching
    from resnet_bench.container import tools
    from resnet_bench.lambda_image import ARCHITECTURES

    engine = Asked.one(engine, precision).name
    way = network.NetworkOptions.of(decode, calibrate)
    architecture = next((known for known in ARCHITECTURES if known == arch), None)
    if architecture is None:
        raise UsageError(f"--arch is {arch}", f"it can be {' or '.join(ARCHITECTURES)}")
    checked_name(stack)
    given = None if image is None else images.parse(image)
    if json and not (dry_run or yes):
        raise UsageError("with --json nothing can be asked", "add --yes, or --dry-run for the plan alone")
    account = Account(region=region, profile=profile)
    wanted = Wanted(memory, engine, architecture, public=public, decode=way.decode or "exact")
    with display(quiet=False) as shown:
        shown.step("asking AWS what there is and what it costs")
        found, plan = planned(account, stack, wanted, given, dry_run=dry_run)
    if not json:
        show_plan(plan)
    elif dry_run:
        typer.echo(plan_document(plan))
    if dry_run:
        return
    supply = None if given else Supply(account, engine, architecture, weights, way, base, tools.find(wanted=tool))
    confirm(f"{plan.verb.capitalize()} the stack {stack} in {plan.region}?", yes=yes)
    with display(quiet=False) as shown:
        source = supply.built(shown) if supply else plan.image_uri
        if found is not None:
            _put_right(account, found, shown)
        made = deployment.deploy(account, stack, found, wanted, image=source, watching=watching(shown))
        memory = _memory_mb(account, made)
    if json:
        typer.echo(json_text.dumps(_document(made, memory), indent=2))
    else:
        _show(made, memory)


def _memory_mb(account: Account, made: Deployed) -> int:
    """What the function has now.

    Raises:
        AwsError: it cannot be asked.
    """
    from resnet_bench.aws.function.configuration import read_configuration

    try:
        return read_configuration(account.client("lambda"), made.function).memory_mb
    except AwsError as error:
        error.add_note(f"the stack is there all the same: resnet-bench status --stack {made.name}")
        raise


def _put_right(account: Account, stack: Stack, display: Display) -> None:
    """Undo what a killed run has left of the function: CloudFormation, which compares templates, would not see it.

    Raises:
        AwsError: the function cannot be read or changed.
    """
    from resnet_bench.aws.function.settings import FunctionSettings

    function = stack.outputs.get("FunctionName")
    if function is None:
        return
    settings = FunctionSettings(account.client("lambda"), function, progress=display)
    if settings.leftover is not None:
        display.note(f"{settings.leftover}; it is put back first")
        settings.restore()


def _document(made: Deployed, memory_mb: int) -> dict[str, str | int]:
    """Without the image's URI, which has the account's number in it."""
    return {
        "stack": made.name,
        "region": made.region,
        "url": made.url,
        "authorization": made.authorization,
        "memory_mb": memory_mb,
        "engine": made.engine,
        "decode": made.decode,
        "architecture": made.architecture,
        "image_digest": made.image_uri.rpartition("@")[2],
    }


def _show(made: Deployed, memory_mb: int) -> None:
    signed = "calls must be signed: AWS_IAM" if made.authorization == "AWS_IAM" else "anyone may call, and you pay"
    typer.echo(f"deployed: {made.name} in {made.region}")
    typer.echo(f"  URL       {made.url}/classify  ({signed})")
    typer.echo(f"  function  {memory_mb} MB, {made.engine}, {made.architecture}")
    typer.echo("next:")
    typer.echo(f"  resnet-bench compare images/*.jpg --stack {made.name}")
    typer.echo(f"  resnet-bench destroy --stack {made.name}")
