"""``resnet-bench image``: build the function's container image and push it to ECR, as ``deploy`` does by itself."""

from __future__ import annotations

import json as json_text
from datetime import UTC, datetime
from typing import Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import UsageError

app = typer.Typer(help="Build the function's container image, and push it to ECR.", no_args_is_help=True)

_Tool = Annotated[
    str | None, typer.Option(metavar="NAME", help="docker, podman or buildah; default: the first that works.")
]


@app.command()
def build(
    engine: network.Engine = "onnx",
    precision: network.Precision = "fp32",
    decode: network.Decode = "exact",
    calibrate: network.Calibrate = None,
    arch: Annotated[str, typer.Option(metavar="x86_64|arm64", help="Processor of the function.")] = "x86_64",
    weights: options.Weights = "auto",
    base: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="Base image to build on; default: AWS's for Python 3.13.")
    ] = None,
    tool: _Tool = None,
    tag: Annotated[
        str | None, typer.Option(metavar="NAME", help="The image's name; default: resnet-bench:ENGINE-ARCH.")
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Build the image that Lambda runs: engine, weights and handler on AWS's Python base.

    The packages are those installed here, in wheels for the target that your pip downloads. Nothing runs as the
    target's processor, so arm64 images can be built anywhere.

    Examples:

      resnet-bench image build

      resnet-bench image build --engine torch --arch arm64 --weights v2

      resnet-bench image build --tool podman --tag mine:1
    """
    from resnet_bench.cli.preparing import prepared
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.variants import Asked
    from resnet_bench.container.tools import find
    from resnet_bench.lambda_image import ARCHITECTURES
    from resnet_bench.lambda_image.build import build as build_image

    architecture = next((known for known in ARCHITECTURES if known == arch), None)
    if architecture is None:
        raise UsageError(f"--arch is {arch}", f"it can be {' or '.join(ARCHITECTURES)}")
    engine = Asked.one(engine, precision).name
    way = network.NetworkOptions.of(decode, calibrate)
    # Before the weights are downloaded, which would be for nothing.
    chosen = find(wanted=tool)
    with display(quiet=quiet) as shown:
        model = prepared(weights, [engine], way, shown)
        built = build_image(
            engine,
            model.folder,
            architecture=architecture,
            base=base,
            decode=way.decode or "exact",
            tag=tag,
            tool=chosen,
            progress=shown,
        )
    if json:
        from resnet_bench.report.image import image_document

        typer.echo(json_text.dumps(image_document(built), indent=2))
    else:
        from resnet_bench import report
        from resnet_bench.report.image import image_table
        from resnet_bench.report.terminal import Printer

        Printer(report.console()).table(image_table(built))


@app.command()
def push(
    image: Annotated[
        str, typer.Argument(metavar="[IMAGE]", help="Its name here, as `image build` printed it.", show_default=True)
    ] = "resnet-bench:onnx-x86_64",
    stack: options.StackName = options.DEFAULT_STACK,
    tool: _Tool = None,
    region: options.Region = None,
    profile: options.Profile = None,
    quiet: options.Quiet = False,
) -> None:
    """Push an image to the repository of a stack that `deploy` has made, and print its digest.

    The credentials are ECR's, for this push: none are stored, and your own logins are left alone.

    Examples:

      resnet-bench image push

      resnet-bench image push resnet-bench:torch-arm64 --stack mine --region eu-central-1
    """
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.registry import login
    from resnet_bench.aws.stack.find import find as find_stack
    from resnet_bench.cli.progress import display
    from resnet_bench.container.tools import find
    from resnet_bench.lambda_image.push import push as push_image

    chosen = find(wanted=tool)
    account = Account(region=region, profile=profile)
    repository = find_stack(account, stack).repository_uri
    credentials = login(account)
    with display(quiet=quiet) as shown:
        digest = push_image(
            image,
            repository,
            f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}",  # a new one each time: the repository lets no tag be moved
            username=credentials.username,
            password=credentials.password,
            tool=chosen,
            progress=shown,
        )
    typer.echo(digest)
