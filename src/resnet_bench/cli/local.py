"""``resnet-bench local``: classify on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from resnet_bench.cli import network, options


def local(
    images: options.Images,
    runs: Annotated[int, typer.Option(min=1, metavar="N", help="Measured calls for each image.")] = 1,
    warmup: Annotated[
        int, typer.Option(min=0, metavar="N", help="Calls before; 0 measures the cold start instead.")
    ] = 3,
    engine: network.Engine = "onnx",
    precision: network.Precision = "fp32",
    decode: network.Decode = "exact",
    calibrate: network.Calibrate = None,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    memory: Annotated[
        int | None,
        typer.Option(metavar="MB", help="Hold the local side to a Lambda's CPU share and memory (CPU-equalised mode)."),
    ] = None,
    limiter: options.Limiter = "auto",
    top: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Predictions shown.")] = 5,
    seed: options.Seed = 0,
    slo: options.Slo = None,
    json: options.Json = False,
    save: options.Save = None,
    no_save: options.NoSave = False,
    csv: options.Csv = None,
    html: options.Html = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Classify images on this machine, every stage timed.

    Examples:

      resnet-bench local cat.jpg

      resnet-bench local cat.jpg --runs 30 --engine torch --threads 1

      resnet-bench local cat.jpg --precision int8 --calibrate photos

      resnet-bench local cat.jpg --memory 1024          # as on Lambda
    """
    from resnet_bench.benchmark.schedule import Place, plan
    from resnet_bench.cli.output import show_run
    from resnet_bench.cli.photos import open_photos
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.session import Session
    from resnet_bench.cli.settings import settings_for, warm_calls
    from resnet_bench.cli.variants import Asked

    options.check_memory(memory)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, memory, seed=seed, top=top, network=chosen)
    engine = Asked.one(engine, precision).name
    output = options.OutputOptions(
        json, save, no_save, csv, quiet, verbose, html=html, objectives=options.parse_objectives(slo)
    )
    photos = open_photos(images, remote=False)
    cold = 0 if warmup else 1
    warm = warm_calls(runs * len(photos), cold, images=len(photos))
    settings = settings_for("local", sides, engines=(engine,), memory_mb=memory, runs=warm, warmup=warmup, cold=cold)
    schedule = plan((Place(engine, "local"),), images=len(photos), runs=warm, warmup=warmup, cold=cold, seed=seed)
    with Session(sides, (engine,), display(quiet=quiet), equalised_mb=memory) as session:
        session.add_local(engine)
        run, saved = session.measure(schedule, settings, photos, output)
    show_run(run, output, saved)
