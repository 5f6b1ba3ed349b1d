"""``resnet-bench emulate``: serve an emulated Lambda until Ctrl-C."""

from __future__ import annotations

import queue
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from resnet_bench.cli import network, options

if TYPE_CHECKING:
    from resnet_bench.emulator.account import Invoked
    from resnet_bench.emulator.embedded import EmulatedLambda
    from resnet_bench.sandbox.limits.base import Limiter


def emulate(
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Of the HTTP API; 0 takes a free one.")] = 0,
    memory: Annotated[
        int, typer.Option(metavar="MB", help="Memory of the Lambda; its CPU share follows from it.")
    ] = options.DEFAULT_MEMORY_MB,
    engine: network.Engine = "onnx",
    precision: network.Precision = "fp32",
    decode: network.Decode = "exact",
    calibrate: network.Calibrate = None,
    threads: options.Threads = "auto",
    weights: options.Weights = "auto",
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="Environments that may exist at once.")] = 10,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="The function's time-out.")] = 30.0,
    limiter: options.Limiter = "auto",
    handler: Annotated[
        str | None, typer.Option(metavar="MODULE.FUNCTION", help="Another Python handler, found from this folder.")
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option(metavar="COMMAND", help='Another runtime client, as in "node bootstrap.mjs".')
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A container image, as `image build` makes it; docker or podman runs it."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also print what the function logs.")] = False,
) -> None:
    """Serve an emulated Lambda behind an HTTP API on this machine, until Ctrl-C.

    Examples:

      resnet-bench emulate --port 8080 --memory 1024

      resnet-bench emulate --handler app.handler

      resnet-bench emulate --bootstrap "node bootstrap.mjs"

      resnet-bench emulate --image resnet-bench:onnx-x86_64
    """
    from resnet_bench.cli.preparing import prepared
    from resnet_bench.cli.progress import display
    from resnet_bench.cli.targets.emulated import HANDLER, handler_variables
    from resnet_bench.cli.variants import Asked
    from resnet_bench.emulator.embedded import EmulatedLambda
    from resnet_bench.emulator.function import Function

    if image is not None:
        _check_nothing_else({"--limiter": limiter, "--weights": weights, "--bootstrap": bootstrap})
    chosen = _limiter(limiter, image)
    function = Function(
        handler or ("" if image else HANDLER),
        memory_mb=memory,
        timeout_s=timeout,
        concurrency=concurrency,
        bootstrap=tuple(shlex.split(bootstrap or "")),
        image=image,
        variables={} if image is None else {"RESNET_BENCH_THREADS": threads},
    )
    options.parse_threads(threads)
    engine = Asked.one(engine, precision).name
    way = network.NetworkOptions.of(decode, calibrate)
    if handler is None and bootstrap is None and image is None:
        with display(quiet=False) as shown:
            model = prepared(weights, [engine], way, shown)
        variables = handler_variables(model, engine, threads, way.decode or "exact")
        function = replace(function, variables=variables, task_root=str(model.folder))
        if not model.manifest.trained:
            _say("untrained weights: timings are valid, predictions are not")
    # Filled in the emulator's own thread, emptied here: whoever prints must not hold up an invocation.
    finished: queue.SimpleQueue[Invoked] = queue.SimpleQueue()
    with EmulatedLambda(function, chosen, port=port, on_invoked=finished.put) as emulated:
        share = f"{function.allowance.cpu.share:.2f} vCPU" if chosen.enforcement.cpu_limited else "CPU not limited"
        _say(f"emulated Lambda: {memory} MB, {share} ({chosen.enforcement.description})")
        _say(f"  HTTP API   {emulated.url}")
        _say(
            f"  AWS calls  {emulated.aws_url}  (Lambda, X-Ray, CloudWatch Logs; for --aws-url or boto3's endpoint_url)"
        )
        _say(f"  try        curl --data-binary @cat.jpg -H 'content-type: image/jpeg' {emulated.url}/classify")
        _say("Ctrl-C ends it.")
        try:
            _follow(emulated, finished, verbose=verbose)
        except KeyboardInterrupt:
            _say("ended")


def _check_nothing_else(given: dict[str, str | None]) -> None:
    from resnet_bench.errors import UsageError

    for name, value in given.items():
        if value not in {None, "auto"}:
            raise UsageError(f"{name} cannot go with --image", "the image brings its own, and its container the limits")


def _limiter(name: str, image: str | None) -> Limiter:
    from resnet_bench.sandbox.limits import choose
    from resnet_bench.sandbox.limits.container import find_container

    return choose(name)[0] if image is None else find_container(image)


def _follow(emulated: EmulatedLambda, finished: queue.SimpleQueue[Invoked], *, verbose: bool) -> NoReturn:
    """One line for each invocation; before it, what the function has logged, if it failed or ``verbose``."""
    from resnet_bench.cli.serving import next_of
    from resnet_bench.cli.targets.emulated import functions_lines

    position = 0
    while True:
        invoked = next_of(finished)
        lines, position = emulated.log_since(position)
        if verbose or invoked.function_error:
            for line in functions_lines(lines):
                _say(f"  | {line}")
        _say(_line(invoked))


def _line(invoked: Invoked) -> str:
    report = invoked.report
    if report is None:
        return f"{invoked.request_id}  {invoked.function_error}"
    start = (
        f"cold, init {report.init_s * 1000:.0f} ms"
        if report.init_s is not None
        else ("cold" if invoked.cold_start else "warm")
    )
    state = report.error_type or report.status or invoked.function_error or "ok"
    used_mb = report.max_memory_used_bytes / 2**20
    return (
        f"{report.request_id}  {state}  {report.duration_s * 1000:.1f} ms ({start})  "
        f"{used_mb:.0f} of {report.memory_size_bytes / 2**20:.0f} MB"
    )


def _say(text: str) -> None:
    typer.echo(text, err=True)
