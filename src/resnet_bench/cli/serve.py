"""``resnet-bench serve``: the page with the Classify button, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli import network, options

if TYPE_CHECKING:
    from resnet_bench.inference.model import Model
    from resnet_bench.results.run import Run
    from resnet_bench.web.classification import Classification, Facts
    from resnet_bench.web.gallery import Gallery


def serve(
    images: Annotated[
        list[Path] | None,
        typer.Argument(metavar="IMAGE", help="Photographs that the page offers to try; default: all in images/."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Of the page; 0 takes a free one.")] = 8000,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Listen elsewhere than on this machine's own address.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT|auto",
            envvar="RESNET_BENCH_TOKEN",
            help="What whoever opens the page must know; auto makes one, and prints the address that has it.",
        ),
    ] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="With --host: let in whoever reaches it.")] = False,
    memory: options.Memory = None,
    engine: network.DeployedEngine = None,
    precision: network.DeployedPrecision = None,
    decode: network.DeployedDecode = None,
    calibrate: network.Calibrate = None,
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
    keep_account_data: options.KeepAccountData = False,
    quiet: options.Quiet = False,
) -> None:
    """Serve a page on which to upload an image, classify it on both sides, and watch the metrics arrive.

    Without --stack or --url, the Lambda is emulated here under Lambda's limits. Images are kept nowhere; what was
    measured is saved into results/ when the page is asked to.

    Examples:

      resnet-bench serve

      resnet-bench serve --port 0 --engine torch --memory 1769

      resnet-bench serve --stack resnet-bench

      resnet-bench serve --host 0.0.0.0 --token auto      # for a phone
    """
    from resnet_bench.cli.photos import sample_images
    from resnet_bench.cli.priced import prices_folder
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.serving import until_interrupted
    from resnet_bench.cli.session import Session
    from resnet_bench.cli.settings import settings_for
    from resnet_bench.cli.targets import target_for
    from resnet_bench.cli.variants import Asked
    from resnet_bench.results.files import DEFAULT_FOLDER
    from resnet_bench.web.access import Access
    from resnet_bench.web.bench import Bench
    from resnet_bench.web.gallery import Gallery
    from resnet_bench.web.saved import SavedResults
    from resnet_bench.web.server import PageServer
    from resnet_bench.web.sides import Sides

    access = Access.of(host, token, no_auth=no_auth)
    far = options.RemoteOptions(url, aws_url, sign, stack, region, profile, via, raw, image)
    chosen = network.NetworkOptions.of(decode, calibrate, images)
    sides = options.SideOptions(threads, weights, limiter, memory, remote=far, network=chosen)
    asked = Asked.one(engine, precision)
    target, sides = target_for(sides)
    (name,) = target.engines(asked)
    gallery = Gallery.of(images or sample_images())
    settings = settings_for("serve", sides, engines=(name,), memory_mb=target.memory_mb, runs=0, warmup=0, cold=0)
    with Session(sides, (name,), display(quiet=quiet)) as session:
        session.add_local(name)
        endpoint = session.add_remote(target, name)
        compared = Sides(
            name,
            {place.side: runner for place, runner in session.runners.items()},
            refresh=endpoint.refresh,
            forces_cold=target.forces_cold,
            kept=session.kept(keep_account_data=keep_account_data),
        )
        begun = session.record(settings, ())
        facts = _facts(begun, session.model, gallery, forces_cold=target.forces_cold)

        def bench() -> Bench:
            return Bench(compared, begun, on_done=lambda one: session.display.note(_line(one)))

        saved = SavedResults(DEFAULT_FOLDER, prices_folder())
        with PageServer(bench, gallery, saved, facts, access).start(port) as server:
            for line in (*facts.headline, facts.warning, *access.exposure(), f"open {server.url}  (Ctrl-C ends it)"):
                if line:
                    typer.echo(line, err=True)
            until_interrupted()
            session.display.step("ending, after what is being measured")
        if unsaved := server.unsaved_count:
            session.display.note(f"{unsaved} classification{'s were' if unsaved > 1 else ' was'} not saved")
    typer.echo("ended", err=True)


def _facts(begun: Run, model: Model, gallery: Gallery, *, forces_cold: bool) -> Facts:
    from resnet_bench import wire
    from resnet_bench.benchmark.reduced import Reduced
    from resnet_bench.report.agreements import in_words
    from resnet_bench.report.captions import UNTRAINED, captions
    from resnet_bench.report.conditions import headline
    from resnet_bench.web.classification import Facts

    _, machine, *_ = headline(begun)
    (engine,) = begun.settings.engines
    return Facts(
        headline=(
            machine,
            *(caption.text for caption in captions(begun)),
            f"engine: {engine}",
            *in_words(Reduced(one.subject, one) for one in model.agreements(engine, begun.settings.decode)),
        ),
        warning="" if model.manifest.trained else UNTRAINED,
        samples=gallery.names,
        forces_cold=forces_cold,
        limit_bytes=wire.IMAGE_LIMIT_BYTES,
    )


def _line(one: Classification) -> str:
    """What the terminal tells of a classification."""
    from resnet_bench.benchmark.starts import waited
    from resnet_bench.report.names import SIDES
    from resnet_bench.results.records import Answer
    from resnet_bench.units import times

    shown = times(waited(sample) for sample in one.samples)
    parts = (
        f"{SIDES[sample.side]} {text} {shown.unit.name}"
        if isinstance(sample.outcome, Answer)
        else f"{SIDES[sample.side]} no answer"
        for sample, text in zip(one.samples, shown.texts, strict=True)
    )
    start = {True: "  (cold)", False: "  (warm)", None: ""}[one.cold_start]
    return f"{one.number}  {one.image.name}  {', '.join(parts)}{start}"
