"""``resnet-bench compare``: both sides, interleaved, on the same images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resnet_bench.cli import options
from resnet_bench.errors import UsageError

_DEFAULT_FOLDER = Path("images")
_COLD_STARTS = 3


def compare(
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
    engine: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="torch or onnx; repeat for both (the default).")
    ] = None,
    memory: options.Memory = options.DEFAULT_MEMORY_MB,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    limiter: options.Limiter = "auto",
    url: options.Url = None,
    aws_url: options.AwsUrl = None,
    raw: options.Raw = False,
    seed: options.Seed = 0,
    json: options.Json = False,
    save: options.Save = None,
    no_save: options.NoSave = False,
    csv: options.Csv = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Compare this machine with Lambda: latency, cold start, memory, side by side.

    Local and remote calls alternate in a seeded random order on identical bytes. Without --url, the Lambda is
    emulated here under Lambda's limits.

    Examples:

      resnet-bench compare cat.jpg dog.png --runs 60

      resnet-bench compare --engine onnx --memory 1769 --cold 5

      resnet-bench compare --runs 60 --interval 30      # a 30-minute watch

      resnet-bench compare cat.jpg --json --quiet > result.json
    """
    from resnet_bench.benchmark.schedule import plan
    from resnet_bench.cli.output import show_run
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.session import Session, open_photos, settings_for

    engines = tuple(dict.fromkeys(engine or ("onnx", "torch")))
    if url is not None:
        if len(engines) > 1:
            raise UsageError("a URL is one function with one engine", "name it, as in --engine onnx")
        if cold:
            raise UsageError("a cold start cannot be forced through a URL alone", "leave out --cold")
    colds = cold if cold is not None else (0 if url else _COLD_STARTS)
    sides = options.SideOptions(engines, threads, weights, limiter, memory, url, aws_url, raw, seed)
    output = options.OutputOptions(json, save, no_save, csv, quiet, verbose)
    photos = open_photos(images or _default_images(), remote=True)
    settings = settings_for("compare", sides, runs=runs, warmup=warmup, cold=colds, interval_s=interval)
    schedule = plan(engines, images=len(photos), runs=runs, warmup=warmup, cold=colds, seed=seed)
    with Session(sides, display(quiet=quiet)) as session:
        for name in engines:
            session.add_local(name)
            session.add_remote(name)
        run, saved = session.measure(schedule, settings, photos, output)
    show_run(run, output, saved)


def _default_images() -> list[Path]:
    found = sorted(path for path in _DEFAULT_FOLDER.glob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if not found:
        raise UsageError("no image was given, and there is none in images/", "name one: resnet-bench compare cat.jpg")
    return found
