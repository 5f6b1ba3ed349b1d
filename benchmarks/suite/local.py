"""Inference alone, on all CPUs of this machine: every variant against torch eager, and against the peak of SGEMM."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from resnet_bench.benchmark.stats import median
from resnet_bench.errors import EngineError
from resnet_bench.inference.engines import NAMES, registered
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Skipped
from resnet_bench.runners.child import Child
from resnet_bench.runners.trouble import Trouble, raised
from resnet_bench.sandbox.limits import choose
from suite.figures import Figure, Finding, Goal, Series, compared, missing
from suite.local_worker import Work
from suite.turns import Turns
from suite.variants import prepared

EAGER = "torch eager"
FP32_GOAL, LOW_GOAL, PEAK_GOAL = Goal(0.65), Goal(0.20), Goal(0.85, at_least=True)
# Of one image: 4.1 thousand million multiplications and as many additions (He et al., 2015, table 1: 3.8; torchvision,
# whose stride is in the 3x3 convolution: 4.09).
FLOP = 8.2e9
SIZES = (1024, 2048, 4096)
# Runs in a turn, of which the median counts.
RUNS = 3
_answer = msgspec.json.Decoder(list[float] | Trouble)
_BENCHMARKS = str(Path(__file__).resolve().parents[1])


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    model, reasons = prepared(NAMES, progress)
    threads = len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        calls = {EAGER: worker(stack, Work("eager", str(model.folder), threads))}
        for name in NAMES:
            if name not in reasons:
                load(stack, calls, reasons, Work("engine", str(model.folder), threads, name))
        products = {
            f"{library} {size}": worker(stack, Work(library, str(model.folder), threads, size=size))
            for library in ("numpy", "torch")
            for size in SIZES
        }
        took = Turns("local inference", rounds, progress).take(calls | products)
    rates = {name: [2 * int(name.split()[1]) ** 3 / seconds for seconds in took[name]] for name in products}
    return [*against_eager(took, reasons), against_peak(took, rates)]


def load(stack: ExitStack, calls: dict[str, Callable[[], float]], reasons: dict[str, Skipped], work: Work) -> None:
    """Try it once: what does not load here is left out, with the reason."""
    call = worker(stack, work)
    try:
        call()
    except EngineError as error:
        reasons[work.name] = Skipped(error.message)
    else:
        calls[work.name] = call


def worker(stack: ExitStack, work: Work) -> Callable[[], float]:
    """A process of its own, which does the work a few times whenever it is asked, and is stopped in between."""
    path = os.pathsep.join(filter(None, (_BENCHMARKS, os.environ.get("PYTHONPATH"))))
    child = Child(
        f"{work.kind} {work.name or work.size}",
        "suite.local_worker",
        [msgspec.json.encode(work).decode()],
        choose()[0],
        variables={"PYTHONPATH": path},
    )
    stack.callback(child.end)

    def turn() -> float:
        told = _answer.decode(child.ask(str(RUNS).encode()))
        if isinstance(told, Trouble):
            raise raised(told)
        return median(told)

    return turn


def against_eager(took: dict[str, list[float]], reasons: dict[str, Skipped]) -> Iterator[Figure]:
    """A row for each variant; the goals are for the fastest of each kind."""
    for kind, exact, goal in (("fp32", True, FP32_GOAL), ("int8 or bf16", False, LOW_GOAL)):
        names = [name for name in NAMES if registered(name).is_exact == exact]
        ran = by_speed(names, took)
        if not ran:
            yield missing(f"{kind} inference, the fastest", Skipped("no engine for it can be had here"), goal)
        for rank, name in enumerate(ran):
            what = f"{kind} inference: {name}" if rank else f"{kind} inference, the fastest: {name}"
            yield compared(what, Series(name, took[name]), Series(EAGER, took[EAGER]), None if rank else goal)
        for name in names:
            if name in reasons:
                yield missing(f"{kind} inference: {name}", reasons[name])


def against_peak(took: dict[str, list[float]], rates: dict[str, list[float]]) -> Figure:
    """The fastest fp32 engine's rate over that of the fastest product of matrices."""
    ran = by_speed([name for name in NAMES if registered(name).is_exact], took)
    if not ran:
        return missing("FLOP/s against SGEMM", Skipped("no engine could be had here"), PEAK_GOAL)
    peak = max(rates, key=lambda name: median(rates[name]))
    return compared(
        f"fp32 FLOP/s, {ran[0]} against SGEMM by {peak.replace(' ', ', side ')}",
        Series(ran[0], [FLOP / seconds for seconds in took[ran[0]]], "FLOP/s"),
        Series("SGEMM", rates[peak], "FLOP/s"),
        PEAK_GOAL,
    )


def by_speed(names: Sequence[str], took: dict[str, list[float]]) -> list[str]:
    """Those of ``names`` that were measured, the fastest first."""
    return sorted((name for name in names if name in took), key=lambda name: median(took[name]))
