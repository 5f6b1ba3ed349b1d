"""``resnet-bench compare``: both sides, interleaved, on the same images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import UsageError

_COLD_STARTS = 3


def compare(
    context: typer.Context,
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="IMAGE", help="JPEG or PNG files; default: all in images/.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, metavar="N", help="Measured pairs for each engine.")] = 60,
    warmup: Annotated[int, typer.Option(min=0, metavar="N", help="Pairs before, kept apart.")] = 3,
    cold: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Forced cold starts for each engine, kept apart; default: 3, none with --url."
        ),
    ] = None,
    interval: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="From one run's start to the next; 30 is the classic watch.")
    ] = 0.0,
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
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Go on with an interrupted run: its result, or the journal that a killed one has left. What is "
            "measured, and how, is in the file.",
            show_default=False,
        ),
    ] = None,
    slo: options.Slo = None,
    json: options.Json = False,
    save: options.Save = None,
    no_save: options.NoSave = False,
    csv: options.Csv = None,
    html: options.Html = None,
    keep_account_data: options.KeepAccountData = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Compare this machine with Lambda: latency, cold start, memory, side by side.

    Local and remote calls alternate in a seeded random order on identical bytes. Without --stack or --url, the
    Lambda is emulated here under Lambda's limits. Of a stack, forced cold starts and --memory change the function's
    configuration, which is put back at the end.

    Examples:

      resnet-bench compare cat.jpg dog.png --runs 60

      resnet-bench compare --engine onnx --memory 1769 --cold 5

      resnet-bench compare --engine all --precision all --runs 20

      resnet-bench compare --stack resnet-bench         # a Lambda that deploy has made

      resnet-bench compare --runs 60 --interval 30      # a 30-minute watch

      resnet-bench compare --resume results/FILE.json   # after Ctrl-C, or *.partial.jsonl after a crash

      resnet-bench compare cat.jpg --slo p95=500ms      # for CI: exits with 1 if a side misses it

      resnet-bench compare cat.jpg --json --quiet > result.json
    """
    from resnet_bench.benchmark.schedule import both_sides, plan
    from resnet_bench.cli.begun import Given
    from resnet_bench.cli.comparing import Comparison, resume_run
    from resnet_bench.cli.photos import default_images, open_photos
    from resnet_bench.cli.settings import settings_for
    from resnet_bench.cli.targets import target_for
    from resnet_bench.cli.variants import Asked

    output = options.OutputOptions(
        json, save, no_save, csv, quiet, verbose, keep_account_data, html, options.parse_objectives(slo)
    )
    if resume is not None:
        resume_run(resume, images or (), Given.of(context), output)
        return
    far = options.RemoteOptions(url, aws_url, sign, stack, region, profile, via, raw, image)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, memory, seed, remote=far, network=chosen)
    asked = Asked.many(engine, precision)
    photos = open_photos(images or default_images(), remote=True)
    target, sides = target_for(sides)
    engines = target.engines(asked)
    if cold and not target.forces_cold:
        raise UsageError("a cold start cannot be forced through a URL alone", "leave out --cold")
    colds = cold if cold is not None else (_COLD_STARTS if target.forces_cold else 0)
    settings = settings_for(
        "compare",
        sides,
        engines=engines,
        memory_mb=target.memory_mb,
        runs=runs,
        warmup=warmup,
        cold=colds,
        interval_s=interval,
    )
    schedule = plan(both_sides(engines), images=len(photos), runs=runs, warmup=warmup, cold=colds, seed=seed)
    Comparison(sides, target, settings, schedule, photos, output).measure()
