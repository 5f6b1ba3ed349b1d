"""What the emulated Lambda itself costs per warm call, beside AWS's own emulator (aws-lambda-rie).

    python benchmarks/gateway.py [--rounds 300]

A handler that does nothing, run by the same runtime client (awslambdaric) on both sides, called over one kept-alive
connection each; the sides take turns in random order. The RIE neither limits nor freezes the function: two lines do
the same as it, two more add freezing between calls, and the limits of 1024 MB. Goals, for every line: a median under
3 ms, and not slower than the RIE. Our emulator runs in this process, as in ``resnet-bench compare``, and shares the
interpreter with the caller; the RIE has a process of its own. ``make .rie/aws-lambda-rie`` fetches its binary.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from resnet_bench.diagnosis.calls import Caller
from resnet_bench.diagnosis.nulls import NeverFrozen
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.limits import choose
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.unlimited import Unlimited
from suite.alone import show
from suite.figures import Figure, Finding, Goal, Series, alone, compared, missing
from suite.turns import Turns

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from rie import find_rie, running_rie  # noqa: E402

FUNCTIONS = ROOT / "tests" / "integration" / "functions"
GOAL, RATIO_GOAL = Goal(0.003), Goal(1.0)
ROUNDS, WARMUP = 300, 30
GATEWAY, INVOKE, RIE = "our gateway", "our Invoke", "aws-lambda-rie"
FREEZING, LIMITED = "our gateway, freezing", "our gateway, 1024 MB"
# What the RIE gets is what our gateway makes of the request, less the headers.
EVENT = json.dumps({"version": "2.0", "rawPath": "/", "body": "{}", "isBase64Encoded": False}).encode()


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    binary = find_rie()
    with ExitStack() as stack:
        free = stack.enter_context(emulated(NeverFrozen()))
        freezing = stack.enter_context(emulated(Unlimited()))
        limited = stack.enter_context(emulated(choose()[0]))
        path = f"/2015-03-31/functions/{free.function.name}/invocations"
        callers = {
            GATEWAY: Caller(free.url, b"{}"),
            INVOKE: Caller(free.aws_url + path, EVENT),
            FREEZING: Caller(freezing.url, b"{}"),
            LIMITED: Caller(limited.url, b"{}"),
        }
        if binary is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            rie = stack.enter_context(
                running_rie(binary, "null.handler", folder=folder, variables={}, task_root=FUNCTIONS)
            )
            callers[RIE] = Caller(rie.url, EVENT)
        calls = {name: caller.took_s for name, caller in callers.items()}
        took = Turns("gateway", rounds, progress).take(calls, warmup=WARMUP)
    return [*medians(took), *against_rie(took)]


def medians(took: dict[str, list[float]]) -> list[Figure]:
    """The goal is for our own by HTTP: Invoke is for comparing with the RIE."""
    goals = dict.fromkeys((GATEWAY, FREEZING, LIMITED), GOAL)
    return [alone(f"warm call: {name}", Series(name, series), goals.get(name)) for name, series in took.items()]


def against_rie(took: dict[str, list[float]]) -> list[Figure]:
    ours = [name for name in took if name != RIE]
    if RIE not in took:
        none = Skipped("there is no aws-lambda-rie; make .rie/aws-lambda-rie fetches it")
        return [missing(f"{name} against {RIE}", none, RATIO_GOAL) for name in ours]
    return [
        compared(f"{name} against {RIE}", Series(name, took[name]), Series(RIE, took[RIE]), RATIO_GOAL) for name in ours
    ]


def emulated(limiter: Limiter) -> EmulatedLambda:
    return EmulatedLambda(Function("null.handler", task_root=str(FUNCTIONS)), limiter)


if __name__ == "__main__":
    show(__doc__, figures, ROUNDS)
