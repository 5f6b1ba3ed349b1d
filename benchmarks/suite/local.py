"""Inference alone, on all CPUs of this machine: every variant against torch eager, and against the peak of SGEMM."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from resnet_bench.benchmark.stats import median
from resnet_bench.inference.engines import NAMES, registered
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Skipped
from suite.figures import Figure, Finding, Goal, Series, compared, missing
from suite.turns import Turns
from suite.variants import agreements, prepared
from suite.worker import Kind, Work
from suite.workers import worker

EAGER, SGEMM = "torch eager", "SGEMM"
FP32_GOAL, LOW_GOAL, PEAK_GOAL = Goal(0.65), Goal(0.20), Goal(0.85, at_least=True)
# Of one image: 4.1 thousand million multiplications, as torchvision counts them, and as many additions.
FLOP = 8.2e9
PRODUCTS: tuple[Kind, ...] = ("SGEMM by numpy", "SGEMM by torch")
SIDES = (1024, 2048, 3072)
# Turns by which the fastest product of matrices is found.
TRIALS = 5


class Product(NamedTuple):
    """Of square float32 matrices with so many rows."""

    kind: Kind
    side: int

    def __str__(self) -> str:
        return f"{self.kind}, side {self.side}"

    @property
    def flop(self) -> float:
        return 2.0 * self.side**3


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    model, reasons = prepared(NAMES, progress)
    folder, threads = str(model.folder), len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        product, multiply = fastest_product(stack, threads, progress)
        calls = {EAGER: worker(stack, Work("torch eager", threads, folder)), SGEMM: multiply}
        for name in NAMES:
            if name not in reasons:
                calls[name] = worker(stack, Work("engine", threads, folder, name))
        took = Turns("local inference", rounds, progress).take(calls, warmup=1)
    rows = [*against_eager(took, reasons), against_peak(took, product)]
    return [*rows, *agreements(model, list(took))]


def fastest_product(stack: ExitStack, threads: int, progress: Progress) -> tuple[Product, Callable[[], float]]:
    """The one with the highest rate of all that were tried, and its call."""
    products = {str(product): product for product in (Product(kind, side) for kind in PRODUCTS for side in SIDES)}
    calls = {
        name: worker(stack, Work(product.kind, threads, subject=str(product.side)))
        for name, product in products.items()
    }
    took = Turns("products of matrices", TRIALS, progress).take(calls, warmup=1)
    fastest = max(products, key=lambda name: products[name].flop / median(took[name]))
    return products[fastest], calls[fastest]


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


def against_peak(took: dict[str, list[float]], product: Product) -> Figure:
    """The fastest fp32 engine's rate over that of the fastest product of matrices."""
    ran = by_speed([name for name in NAMES if registered(name).is_exact], took)
    if not ran:
        return missing("fp32 FLOP/s against SGEMM", Skipped("no engine can be had here"), PEAK_GOAL)
    rates = [FLOP / seconds for seconds in took[ran[0]]]
    peaks = [product.flop / seconds for seconds in took[SGEMM]]
    return compared(
        f"fp32 FLOP/s, {ran[0]} against {product}",
        Series(ran[0], rates, "FLOP/s"),
        Series(SGEMM, peaks, "FLOP/s"),
        PEAK_GOAL,
    )


def by_speed(names: Sequence[str], took: dict[str, list[float]]) -> list[str]:
    """Those of ``names`` that were measured, the fastest first."""
    return sorted((name for name in names if name in took), key=lambda name: median(took[name]))
