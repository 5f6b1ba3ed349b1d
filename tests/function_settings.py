"""A function with a secret among its variables, and its settings under a false clock."""

from __future__ import annotations

from typing import Any

from clocks import FalseClock
from resnet_bench.aws.function.settings import FunctionSettings

NAME = "resnet-bench"
SECRET = "s3cr3t-v4lue"
VARIABLES = {"RESNET_BENCH_ENGINE": "onnx", "TOKEN": SECRET}


def settings_of(client: Any, clock: FalseClock | None = None) -> FunctionSettings:
    clock = clock or FalseClock()
    return FunctionSettings(client, NAME, clock=clock, sleep=clock.sleep)
