"""``resnet-bench explain``: where the gap between both sides comes from, one measured step at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import UsageError

_COLD_STARTS = 3


def explain(
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="IMAGE", help="JPEG or PNG files; default: all in images/.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, metavar="N", help="Times that an image goes through all rungs.")] = 60,
    warmup: Annotated[int, typer.Option(min=0, metavar="N", help="Times before, kept apart.")] = 3,
    cold: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Forced cold starts of both sides, kept apart; default: 3, none with --url."
        ),
    ] = None,
    engine: network.Engines = None,
    precision: network.Precisions = None,
    decode: network.DeployedDecode = None,
    calibrate: network.Calibrate = None,
    memory: options.Memory = None,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    limiter: options.Limiter = "auto",
    stack: options.Stack = None,
    via: options.ViaOption = "http",
    url: options.Url = None,
    sign: options.Sign = False,
    image: options.Image = None,
    aws_url: options.AwsUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    raw: options.Raw = False,
    seed: options.Seed = 0,
    json: options.Json = False,
    save: options.Save = None,
    no_save: options.NoSave = False,
    csv: options.Csv = None,
    html: options.Html = None,
    keep_account_data: options.KeepAccountData = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Tell where the gap comes from: what each of Lambda's conditions costs.

    Between this machine as it is and Lambda as it is called, each image goes up a ladder: Lambda's number of
    threads, its CPU share, base64 and JSON, the runtime client, gateway and HTTP. What a rung adds to the one
    below is measured in pairs, and the steps add up to the gap. Of a Lambda on AWS, the handler's own clock and
    the function's cheapest request tell of other hardware and of the network. Beside it, cold start and memory
    are taken apart, and what people blame is put to the test.

    Examples:

      resnet-bench explain cat.jpg --engine onnx

      resnet-bench explain --memory 1769 --runs 100 --html report.html

      resnet-bench explain cat.jpg --stack resnet-bench   # a deployed Lambda

      resnet-bench explain cat.jpg --json --quiet > result.json
    """
    from resnet_bench.cli.ladder import measure
    from resnet_bench.cli.output import check_places, show_run
    from resnet_bench.cli.photos import default_images, open_photos
    from resnet_bench.cli.targets import target_for
    from resnet_bench.cli.variants import Asked

    far = options.RemoteOptions(url, aws_url, sign, stack, region, profile, via, raw, image)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, memory, seed, remote=far, network=chosen)
    output = options.OutputOptions(json, save, no_save, csv, quiet, verbose, keep_account_data, html)
    asked = Asked.many(engine, precision)
    photos = open_photos(images or default_images(), remote=True)
    target, sides = target_for(sides)
    if cold and not target.forces_cold:
        raise UsageError("a cold start cannot be forced through a URL alone", "leave out --cold")
    colds = cold if cold is not None else (_COLD_STARTS if target.forces_cold else 0)
    check_places(output)
    run, saved = measure(sides, target, target.engines(asked), photos, output, runs=runs, warmup=warmup, cold=colds)
    show_run(run, output, saved)
