"""``resnet-bench remote``: classify on a Lambda, emulated or deployed."""

from __future__ import annotations

from typing import Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import UsageError


def remote(
    images: options.Images,
    url: options.Url = None,
    runs: Annotated[int, typer.Option(min=1, metavar="N", help="Measured calls for each image.")] = 1,
    cold: Annotated[bool, typer.Option("--cold", help="Force a cold start for each measured call.")] = False,
    warmup: Annotated[
        int, typer.Option(min=0, metavar="N", help="Calls before, so that the measured ones are warm.")
    ] = 1,
    stack: options.Stack = None,
    via: options.ViaOption = "http",
    memory: options.Memory = None,
    engine: network.DeployedEngine = None,
    precision: network.DeployedPrecision = None,
    decode: network.DeployedDecode = None,
    calibrate: network.Calibrate = None,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    limiter: options.Limiter = "auto",
    raw: options.Raw = False,
    sign: options.Sign = False,
    image: options.Image = None,
    aws_url: options.AwsUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    seed: options.Seed = 0,
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
    """Classify images on a Lambda over its HTTP API, with client times, traces and memory.

    Without --stack or --url, an emulated Lambda is started here, and ended afterwards.

    Examples:

      resnet-bench remote cat.jpg

      resnet-bench remote cat.jpg --cold --memory 1769

      resnet-bench remote cat.jpg --stack resnet-bench --via invoke

      resnet-bench remote cat.jpg --raw --url https://...
    """
    from resnet_bench.benchmark.schedule import Place, plan
    from resnet_bench.cli.output import show_run
    from resnet_bench.cli.photos import open_photos
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.session import Session
    from resnet_bench.cli.settings import settings_for, warm_calls
    from resnet_bench.cli.targets import target_for
    from resnet_bench.cli.variants import Asked

    far = options.RemoteOptions(url, aws_url, sign, stack, region, profile, via, raw, image)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, memory, seed, remote=far, network=chosen)
    output = options.OutputOptions(
        json, save, no_save, csv, quiet, verbose, keep_account_data, html, options.parse_objectives(slo)
    )
    asked = Asked.one(engine, precision)
    photos = open_photos(images, remote=True)
    target, sides = target_for(sides)
    (engine,) = target.engines(asked)
    if cold and not target.forces_cold:
        raise UsageError("a cold start cannot be forced through a URL alone", "leave out --cold")
    calls = runs * len(photos)
    if cold:
        colds, warm, warmup = calls, 0, 0
    else:
        # An emulated Lambda's first call is cold by nature; without a warm-up it is measured as what it is.
        colds = 1 if target.starts_cold and not warmup else 0
        warm = warm_calls(calls, colds, images=len(photos))
    settings = settings_for(
        "remote", sides, engines=(engine,), memory_mb=target.memory_mb, runs=warm, warmup=warmup, cold=colds
    )
    schedule = plan((Place(engine, "remote"),), images=len(photos), runs=warm, warmup=warmup, cold=colds, seed=seed)
    with Session(sides, (engine,), display(quiet=quiet)) as session:
        session.add_remote(target, engine)
        run, saved = session.measure(schedule, settings, photos, output)
    show_run(run, output, saved)
