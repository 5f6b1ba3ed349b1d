"""What the tests of the emulated Lambda share: foreign functions, and short ways of calling them."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.lambda_report import parse_report
from resnet_bench.results.records import ReportLine
from resnet_bench.sandbox.limits import choose
from resnet_bench.sandbox.limits.base import Limiter

FUNCTIONS = Path(__file__).parent / "integration" / "functions"
# For what ends by itself: long enough for a busy machine, and reached only by a failure.
PATIENCE_S = 60.0


@cache
def limiter() -> Limiter:
    return choose()[0]


def emulate(handler: str = "probe.handler", *, gateway_timeout_s: float = 30.0, **settings: Any) -> EmulatedLambda:
    """A foreign function of ``FUNCTIONS``, ready for ``with``; ``settings`` are those of ``Function``."""
    function = Function(handler, **{"task_root": str(FUNCTIONS), "memory_mb": 512, **settings})
    return EmulatedLambda(function, limiter(), gateway_timeout_s=gateway_timeout_s)


def call(emulated: EmulatedLambda, do: str, **order: Any) -> httpx.Response:
    """Through the gateway."""
    return httpx.post(emulated.url, json={"do": do, **order}, timeout=PATIENCE_S)


def ask(emulated: EmulatedLambda, do: str, **order: Any) -> Any:
    """As ``call``; the JSON answer of a call that succeeds."""
    response = call(emulated, do, **order)
    assert response.status_code == 200, (response.text, emulated.log_lines()[-20:])
    return response.json()


def reports(emulated: EmulatedLambda) -> list[ReportLine]:
    return [report for line in emulated.log_lines() if (report := parse_report(line)) is not None]


def report_of(emulated: EmulatedLambda, request_id: str) -> ReportLine:
    """The account of an invocation, which is written after its answer."""
    wait_until(lambda: any(each.request_id == request_id for each in reports(emulated)), f"the REPORT of {request_id}")
    return next(each for each in reports(emulated) if each.request_id == request_id)


def report_number(emulated: EmulatedLambda, number: int) -> ReportLine:
    """As ``report_of``, for an emulator of the test's own: the first invocation has number 0."""
    wait_until(lambda: len(reports(emulated)) > number, f"REPORT line {number}")
    return reports(emulated)[number]


def cages(parent: int) -> list[Path]:
    """Cgroup folders that carry the parent's pid in their name."""
    root = Path("/sys/fs/cgroup")
    return [Path(folder) for folder, _, _ in os.walk(root) if f"resnet-bench-{parent}-" in Path(folder).name]


def wait_for_the_next_second() -> None:
    """X-Ray traces the first request of each, and a cold start takes half of one."""
    now_s = math.floor(time.time())
    wait_until(lambda: math.floor(time.time()) > now_s, "another second")


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        time.sleep(0.01)
