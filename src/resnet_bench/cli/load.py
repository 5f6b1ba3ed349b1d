"""``resnet-bench load``: many callers at once, on both sides."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import network, options
from resnet_bench.errors import UsageError
from resnet_bench.units import whole

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min)?", re.ASCII)
_SHORTEST_S, _LONGEST_S = 2.0, 86_400.0
# Each client is a thread and has a connection of its own.
_MOST_CLIENTS = 256
_SIDES = ("local", "remote", "both")


def load(
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="IMAGE", help="JPEG or PNG files; default: all in images/.")
    ] = None,
    concurrency: Annotated[
        str, typer.Option(metavar="N,N,...", help="Callers at once, one level after the other.")
    ] = "1,2,4,8",
    duration: Annotated[
        str, typer.Option(metavar="TIME", help="Of each level on each side: 30s or 2m; its first 5 s do not count.")
    ] = "30s",
    side: Annotated[str, typer.Option(metavar="local|remote|both", help="Which sides are loaded, in turns.")] = "both",
    engine: network.DeployedEngine = None,
    precision: network.DeployedPrecision = None,
    decode: network.DeployedDecode = None,
    calibrate: network.Calibrate = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Calls that the local server works on at once; default: CPUs / --threads."
        ),
    ] = None,
    function_concurrency: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Environments of the emulated Lambda; more calls are refused. Default: enough."
        ),
    ] = None,
    locust: Annotated[
        bool, typer.Option("--locust", help="Load nothing; print how to load a deployed Lambda from many machines.")
    ] = False,
    memory: options.Memory = None,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    limiter: options.Limiter = "auto",
    stack: options.Stack = None,
    via: options.ViaOption = "http",
    url: options.Url = None,
    sign: options.Sign = False,
    image: options.Image = None,
    region: options.Region = None,
    profile: options.Profile = None,
    raw: options.Raw = False,
    json: options.Json = False,
    save: options.Save = None,
    no_save: options.NoSave = False,
    csv: options.Csv = None,
    html: options.Html = None,
    keep_account_data: options.KeepAccountData = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Load both sides with callers at once: throughput, latency, cold starts, refusals.

    Each caller calls again as soon as it is answered. The local side is a server process here. Its callers share this
    machine's CPUs with it, and with an emulated Lambda; where they want more than there are, the result says so.

    Examples:

      resnet-bench load cat.jpg --concurrency 1,2,4

      resnet-bench load cat.jpg --side local --threads 1 --workers 4

      resnet-bench load cat.jpg --stack resnet-bench --side remote --duration 2m

      resnet-bench load cat.jpg --url https://... --locust   # from many machines
    """
    from resnet_bench.cli.variants import Asked

    levels, duration_s = parse_levels(concurrency), parse_duration(duration)
    if side not in _SIDES:
        raise UsageError(f"--side is {side}", f"one of: {', '.join(_SIDES)}")
    if function_concurrency is not None and (url is not None or stack is not None):
        raise UsageError(
            "--function-concurrency is of the emulated Lambda", "leave it out; of a deployed one AWS holds the limit"
        )
    # An environment that has just answered is not free at once: with no more than callers, some would be refused.
    environments = function_concurrency or 2 * max(levels)
    far = options.RemoteOptions(url, None, sign, stack, region, profile, via, raw, image)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, memory, remote=far, concurrency=environments, network=chosen)
    asked = Asked.one(engine, precision)
    output = options.OutputOptions(json, save, no_save, csv, quiet, verbose, keep_account_data, html)
    if locust:
        from resnet_bench.cli.locust import show_commands

        show_commands(sides, images or [], users=max(levels), duration_s=duration_s)
        return
    from resnet_bench.cli.load_sides import FunctionSide, LoadSide, ServerSide
    from resnet_bench.cli.loading import Loading
    from resnet_bench.cli.output import show_run
    from resnet_bench.cli.photos import default_images, open_photos
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.session import Session
    from resnet_bench.cli.settings import settings_for
    from resnet_bench.cli.targets import target_for

    photos = open_photos(images or default_images(), remote=True)
    target = None
    if side != "local":
        target, sides = target_for(sides)
    (engine,) = asked.names() if target is None else target.engines(asked)
    settings = settings_for(
        "load",
        sides,
        engines=(engine,),
        memory_mb=None if target is None else target.memory_mb,
        runs=0,
        warmup=0,
        cold=0,
    )
    with Session(sides, (engine,), display(quiet=quiet)) as session:
        loaded: list[LoadSide] = []
        if side != "remote":
            loaded.append(ServerSide(session, engine, workers))
        if target is not None:
            loaded.append(FunctionSide(session, target, engine, environments))
        run, saved = Loading(session, engine, loaded, photos, levels, duration_s).run(settings, output)
    show_run(run, output, saved)


def parse_levels(text: str) -> tuple[int, ...]:
    """``1,2,4`` in rising order, each once.

    Raises:
        UsageError: not numbers from 1 to as many clients as one process should hold.
    """
    parts = [part.strip() for part in text.split(",")]
    counts = {whole(part) or 0 for part in parts}
    if not all(1 <= count <= _MOST_CLIENTS for count in counts):
        raise UsageError(
            f"--concurrency is {text}",
            f"give numbers from 1 to {_MOST_CLIENTS} with commas between, such as 1,2,4; --locust for more",
        )
    return tuple(sorted(counts))


def parse_duration(text: str) -> float:
    """Seconds, from ``30s``, ``30`` or ``2m``.

    Raises:
        UsageError: it is none of these, or too short or too long for a level.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = 0.0 if found is None else float(found[1]) * (60 if (found[2] or "s").startswith("m") else 1)
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise UsageError(f"--duration is {text}", f"give {_SHORTEST_S:g}s or more, up to a day, such as 30s or 2m")
    return seconds
