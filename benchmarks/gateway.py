"""What the emulated Lambda itself costs per warm call, beside AWS's own emulator (aws-lambda-rie).

    python benchmarks/gateway.py [--rounds 300] [--warmup 30] [--profile]

A handler that does nothing, run by the same runtime client (awslambdaric) on both sides, called over one kept-alive
connection each; the sides take turns in random order. Without CPU limits only the emulators' own overhead is left; one
more line shows our gateway at 1024 MB under the limits that this machine has. Goals: a median under 3 ms for our
gateway, and no slower than the RIE. ``make .rie/aws-lambda-rie`` fetches the RIE's binary.
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

from resnet_bench.benchmark.stats import median, paired_ratio
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.sandbox.limits import choose

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from rie import find_rie, running_rie  # noqa: E402

FUNCTIONS = ROOT / "tests" / "integration" / "functions"
GOAL_S = 0.003
GATEWAY, INVOKE, LIMITED, RIE = "our gateway", "our Invoke", "our gateway, 1024 MB", "aws-lambda-rie"
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


def emulated(limiter: str) -> EmulatedLambda:
    return EmulatedLambda(Function("null.handler", task_root=str(FUNCTIONS)), choose(limiter)[0])


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
    met = median(times[GATEWAY]) < GOAL_S
    print(f"{'':22}{'median':>10}{'best':>10}   ratio to the RIE (95 % interval)")
    for name, series in times.items():
        line = f"{name:22}{median(series) * 1e3:7.2f} ms{min(series) * 1e3:7.2f} ms"
        ratio = paired_ratio(series, times[RIE]) if RIE in times and name != RIE else None
        if ratio is not None and ratio.interval is not None:
            line += f"   {ratio.value:.2f} ({ratio.interval.low:.2f} to {ratio.interval.high:.2f})"
            met &= name == LIMITED or ratio.interval.low <= 1.0
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
        free = stack.enter_context(emulated("none"))
        limited = stack.enter_context(emulated("auto"))
        path = f"/2015-03-31/functions/{free.function.name}/invocations"
        calls = {
            GATEWAY: caller(free.url, b"{}"),
            INVOKE: caller(free.aws_url + path, EVENT),
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
