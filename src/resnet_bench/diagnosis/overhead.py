"""What measuring itself costs: the clocks in a total, the worker's pipe, the emulated Lambda around a function."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass

from resnet_bench.diagnosis.calls import Caller
from resnet_bench.diagnosis.examine import Told
from resnet_bench.diagnosis.figures import QUIET, duration, middle, percent
from resnet_bench.diagnosis.nulls import NULL_HANDLER, NeverFrozen, null_calls
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.results.diagnosis import Finding, Measured, Topic
from resnet_bench.runners.child import Child
from resnet_bench.sandbox.limits import choose
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.unlimited import Unlimited

# The project's goals for a machine with nothing else to do (benchmarks/harness.py, benchmarks/gateway.py).
CLOCKS_GOAL_S, GATEWAY_GOAL_S = 50e-6, 0.003
# Of a warm call, up to which the harness does not matter.
SMALL = 0.05
_WARMUP = 10
_CALLS = 30
_ECHO = "resnet_bench.diagnosis.echo"


@dataclass(frozen=True)
class Rounds:
    """``calls`` of each kind; ``every`` surrounding of a function, or only the one that commands use."""

    calls: int
    every: bool


QUICK, FULL = Rounds(30, every=False), Rounds(120, every=True)


def examine_overhead(rounds: Rounds, tell: Told, call_s: float | None) -> Iterator[Finding]:
    """``call_s`` is a warm call of the real network here, ``None`` where it was not measured."""
    unattributed, whole = null_calls(rounds.calls * _CALLS)
    yield judge("harness-clocks", "clocks and bookkeeping in a total", unattributed, CLOCKS_GOAL_S, call_s)
    yield judge("harness-null", "a call whose stages do nothing", whole, CLOCKS_GOAL_S, call_s)
    tell("the worker's pipe", 0.1)
    limiter = choose()[0]
    yield _beside(
        "harness-pipe", f"worker's pipe, frozen between ({limiter.enforcement.mechanism})", piped(limiter, rounds.calls)
    )
    if rounds.every:
        yield _beside("harness-pipe", "worker's pipe, never frozen", piped(NeverFrozen(), rounds.calls))
    tell("the emulated Lambda", 0.3)
    surroundings: dict[str, Limiter] = {f"emulated Lambda, 1024 MB ({limiter.enforcement.mechanism})": limiter}
    if rounds.every:
        surroundings |= {"emulated Lambda, never frozen": NeverFrozen(), "emulated Lambda, frozen only": Unlimited()}
    for what, took in emulated(surroundings, rounds.calls, tell).items():
        yield judge("harness-gateway", what, took, GATEWAY_GOAL_S, call_s, topics=("ratios", "Lambda's CPU share"))


def judge(
    code: str,
    what: str,
    took_s: Sequence[float],
    goal_s: float,
    call_s: float | None,
    *,
    topics: tuple[Topic, ...] = ("local timings",),
) -> Finding:
    """Small is what is within its goal, or little of a warm call."""
    taken = middle("a call", took_s, "seconds")
    told, measured, small = duration(taken.value), [taken], taken.value <= goal_s
    if call_s is not None:
        share = taken.value / call_s
        small = small or share <= SMALL
        told += f", {percent(share)} of a warm call of {duration(call_s)}"
        measured.append(Measured(name="share of a warm call", value=share, unit="share"))
    return Finding(
        code=code,
        subject="harness",
        what=what,
        verdict="ok" if small else "doubt",
        told=told,
        measured=tuple(measured),
        follows="" if small else f"it is more than {percent(SMALL)} of a call, and in its total",
        todo="" if small else QUIET,
        topics=topics,
    )


def _beside(code: str, what: str, took_s: Sequence[float]) -> Finding:
    """What stands beside a measured total and is in no figure: nothing to judge."""
    taken = middle("a call", took_s, "seconds")
    return Finding(
        code=code,
        subject="harness",
        what=what,
        verdict="ok",
        told=f"{duration(taken.value)}, in no figure",
        measured=(taken,),
    )


def piped(limiter: Limiter, count: int) -> list[float]:
    """Wall times of questions to a worker that only repeats them, thawed before and frozen after each."""
    worker = Child("doctor", _ECHO, [], limiter)
    took = []
    try:
        for _ in range(_WARMUP):
            worker.ask(b"{}")
        for _ in range(count):
            begun_s = time.perf_counter()
            worker.ask(b"{}")
            took.append(time.perf_counter() - begun_s)
    finally:
        worker.end()
    return took


def emulated(surroundings: dict[str, Limiter], count: int, tell: Told) -> dict[str, list[float]]:
    """Wall times of calls of a function that does nothing, over HTTP, in turns."""
    with ExitStack() as stack:
        callers = {}
        for what, limiter in surroundings.items():
            served = stack.enter_context(EmulatedLambda(Function(NULL_HANDLER), limiter))
            callers[what] = stack.enter_context(closing(Caller(served.url, b"{}")))
        for caller in callers.values():
            for _ in range(_WARMUP):
                caller.took_s()
        took: dict[str, list[float]] = {what: [] for what in callers}
        for done in range(count):
            tell("the emulated Lambda", 0.4 + 0.6 * done / count)
            for what, caller in callers.items():
                took[what].append(caller.took_s())
    return took
