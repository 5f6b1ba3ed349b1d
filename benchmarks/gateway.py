"""What the emulated Lambda itself costs per warm call, beside AWS's own emulator (aws-lambda-rie).

    python benchmarks/gateway.py [--rounds 300] [--warmup 30]

A handler that does nothing, run by the same runtime client (awslambdaric) on both sides, called over one kept-alive
connection each; the sides take turns in random order. The RIE neither limits nor freezes the function: two lines do
the same as it, two more add freezing between calls, and the limits of 1024 MB. Goals, for every line: a median under
3 ms, and not slower than the RIE beyond the ratio's interval. Our emulator runs in
this process, as in ``resnet-bench compare``, and shares the interpreter with the caller; the RIE has a process of its
own. ``make .rie/aws-lambda-rie`` fetches its binary.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import median
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.sandbox.limits import choose
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.unlimited import Unlimited, UnlimitedCage

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from rie import find_rie, running_rie  # noqa: E402

FUNCTIONS = ROOT / "tests" / "integration" / "functions"
GOAL_S = 0.003
GATEWAY, INVOKE, RIE = "our gateway", "our Invoke", "aws-lambda-rie"
FREEZING, LIMITED = "our gateway, freezing", "our gateway, 1024 MB"
# What the RIE gets is what our gateway makes of the request, less the headers.
EVENT = json.dumps({"version": "2.0", "rawPath": "/", "body": "{}", "isBase64Encoded": False}).encode()


def caller(url: str, body: bytes) -> Callable[[], float]:
    """A function that posts once over a kept-alive connection, and returns the seconds that it took."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)

    def call() -> float:
        began_s = time.perf_counter()
        connection.request("POST", parts.path or "/", body, {"content-type": "application/json"})
        response = connection.getresponse()
        response.read()
        took_s = time.perf_counter() - began_s
        if response.status != 200:
            raise SystemExit(f"{url} answered {response.status}")
        return took_s

    return call


class NeverFrozenCage(UnlimitedCage):
    def freeze(self) -> None:
        pass

    def thaw(self) -> None:
        pass


class NeverFrozen(Unlimited):
    """What the RIE does to a function: nothing."""

    def cage(self, label: str, **limits: object) -> UnlimitedCage:  # noqa: ARG002 - the seam's signature
        return NeverFrozenCage()


def emulated(limiter: Limiter) -> EmulatedLambda:
    return EmulatedLambda(Function("null.handler", task_root=str(FUNCTIONS)), limiter)


def measure(calls: dict[str, Callable[[], float]], rounds: int, warmup: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in calls}
    order = list(calls)
    for number in range(-warmup, rounds):
        random.shuffle(order)
        for name in order:
            took_s = calls[name]()
            if number >= 0:
                times[name].append(took_s)
    return times


def show(times: dict[str, list[float]]) -> bool:
    """Print the table; whether the goals are met."""
    met = all(median(times[name]) < GOAL_S for name in (GATEWAY, FREEZING, LIMITED))
    print(f"{'':24}{'median':>10}{'best':>10}   ratio to the RIE (95 % interval)")
    for name, series in times.items():
        line = f"{name:24}{median(series) * 1e3:7.2f} ms{min(series) * 1e3:7.2f} ms"
        ratio = paired_ratio(series, times[RIE]) if RIE in times and name != RIE else None
        if ratio is not None and ratio.interval is not None:
            line += f"   {ratio.value:.2f} ({ratio.interval.low:.2f} to {ratio.interval.high:.2f})"
            met &= ratio.interval.low <= 1.0
        print(line)
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--warmup", type=int, default=30)
    options = parser.parse_args()
    random.seed(0)
    binary = find_rie()
    with ExitStack() as stack:
        free = stack.enter_context(emulated(NeverFrozen()))
        freezing = stack.enter_context(emulated(Unlimited()))
        limited = stack.enter_context(emulated(choose()[0]))
        path = f"/2015-03-31/functions/{free.function.name}/invocations"
        calls = {
            GATEWAY: caller(free.url, b"{}"),
            INVOKE: caller(free.aws_url + path, EVENT),
            FREEZING: caller(freezing.url, b"{}"),
            LIMITED: caller(limited.url, b"{}"),
        }
        if binary is None:
            print("no aws-lambda-rie here: make .rie/aws-lambda-rie", file=sys.stderr)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            rie = stack.enter_context(
                running_rie(binary, "null.handler", folder=folder, variables={}, task_root=FUNCTIONS)
            )
            calls[RIE] = caller(rie.url, EVENT)
        times = measure(calls, options.rounds, options.warmup)
        limits = limited.deployment().enforcement.description
        print(f"{options.rounds} warm calls of a null handler each; at 1024 MB: {limits}")
    met = show(times)
    print(f"goal (median under {GOAL_S * 1e3:.0f} ms, no slower than the RIE): {'met' if met else 'MISSED'}")
    sys.exit(not met)


if __name__ == "__main__":
    main()
