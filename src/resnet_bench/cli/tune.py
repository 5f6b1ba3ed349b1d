"""``resnet-bench tune``: time, memory and cost at several memory sizes, and which one to take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import OutOfMemory, RemoteError, ResnetBenchError, UsageError
from resnet_bench.units import whole

if TYPE_CHECKING:
    from resnet_bench.analysis.choice import Strategy
    from resnet_bench.results.run import Run

_SIZES = "512,1024,1769,3008"
_STRATEGIES = ("cost", "speed", "balanced")


def tune(
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="IMAGE", help="JPEG or PNG files; default: all in images/.")
    ] = None,
    memory: Annotated[
        str, typer.Option(metavar="MB,MB,...", help="Memory sizes, from which CPU shares follow; 128 to 10240.")
    ] = _SIZES,
    strategy: Annotated[
        str, typer.Option(metavar="cost|speed|balanced", help="What the verdict goes by; the table shows all three.")
    ] = "balanced",
    runs: Annotated[int, typer.Option(min=1, metavar="N", help="Measured warm calls at each size.")] = 12,
    warmup: Annotated[int, typer.Option(min=1, metavar="N", help="Calls before them at each visit, kept apart.")] = 1,
    cold: Annotated[int, typer.Option(min=0, metavar="N", help="Forced cold starts at each size.")] = 2,
    engine: network.Engines = None,
    precision: network.Precisions = None,
    decode: network.DeployedDecode = None,
    calibrate: network.Calibrate = None,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    limiter: options.Limiter = "auto",
    stack: options.Stack = None,
    via: options.ViaOption = "http",
    # Known only to be refused: an emulated Lambda in its place would not be what was asked for.
    url: Annotated[str | None, typer.Option(envvar="RESNET_BENCH_URL", hidden=True)] = None,
    image: options.Image = None,
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
    """Try several memory sizes: warm and cold time, memory used, and cost at each.

    Each size is visited twice, in opposite orders, so that a machine that slows down does not pass for a memory
    size. A size at which the function dies or times out is a row that says so. Without --stack the Lambda is
    emulated here; of a stack, the function's memory is changed for the run and put back at the end.

    Examples:

      resnet-bench tune cat.jpg --engine onnx

      resnet-bench tune --memory 1024,2048,4096 --strategy cost

      resnet-bench tune cat.jpg --stack resnet-bench   # a deployed Lambda

      resnet-bench tune cat.jpg --html report.html
    """
    from resnet_bench.cli.output import show_tuned
    from resnet_bench.cli.photos import default_images, open_photos
    from resnet_bench.cli.sweeping import measure
    from resnet_bench.cli.targets import target_for
    from resnet_bench.cli.variants import Asked

    sizes_mb = parse_sizes(memory)
    if strategy not in _STRATEGIES:
        raise UsageError(f"--strategy is {strategy}", f"one of: {', '.join(_STRATEGIES)}")
    if url is not None:
        raise UsageError(
            "the memory of a function behind a URL cannot be set",
            "name its stack: --stack NAME; RESNET_BENCH_URL counts as --url",
        )
    far = options.RemoteOptions(stack=stack, region=region, profile=profile, via=via, raw=raw, image=image)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, None, seed, remote=far, network=chosen)
    output = options.OutputOptions(json, save, no_save, csv, quiet, verbose, keep_account_data, html)
    asked = Asked.many(engine, precision)
    photos = open_photos(images or default_images(), remote=True)
    target, sides = target_for(sides)
    engines = target.engines(asked)
    run, saved = measure(sides, target, engines, sizes_mb, photos, output, runs=runs, warmup=warmup, cold=cold)
    show_tuned(run, cast("Strategy", strategy), output, saved)
    check_any_works(run)


def parse_sizes(text: str) -> tuple[int, ...]:
    """Each size once, the smallest first.

    Raises:
        UsageError: not whole numbers of MB, or sizes that Lambda does not offer.
    """
    parts = [part.strip() for part in text.split(",")]
    sizes = [whole(part) for part in parts]
    if None in sizes:
        raise UsageError(f"--memory is {text}", f"give sizes in MB with commas between them, as in {_SIZES}")
    sizes_mb = tuple(sorted({size for size in sizes if size is not None}))
    for size in sizes_mb:
        options.check_memory(size)
    return sizes_mb


def check_any_works(run: Run) -> None:
    """
    Raises:
        OutOfMemory: no size is large enough.
        RemoteError: no size works, for any other reason.
    """
    from resnet_bench.analysis.sweep import OUT_OF_MEMORY, sizes
    from resnet_bench.prices.table import packaged

    found = sizes(run, packaged(None))
    if any(not size.trouble for size in found):
        return
    told = "; ".join(dict.fromkeys(size.cause for size in found if size.cause)) or "no call was answered"
    short_of_memory = bool(found) and all(size.trouble == OUT_OF_MEMORY for size in found)
    kind: type[ResnetBenchError] = OutOfMemory if short_of_memory else RemoteError
    raise kind(f"no memory size works: {told}", "try larger ones with --memory")
