"""What people call the sides and the measures, in every table alike."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_bench.inference.engines import FULL_PRECISION, taken_apart
from resnet_bench.results.records import Side

SIDES: dict[Side, str] = {"local": "local", "remote": "Lambda"}
# Where there is room to say it in full.
PLACES: dict[Side, str] = {"local": "this machine", "remote": "Lambda"}

# What is left over between two clocks, or between a clock's whole and its parts.
BETWEEN_STAGES = "between stages"
AROUND_HANDLER = "HTTP and Lambda"

MEASURES = {
    "total": "total",
    "handler": "all stages",
    "json_parse": "JSON parse",
    "base64_decode": "from base64",
    "read": "read",
    "decode": "decode",
    "preprocess": "preprocess",
    "inference": "inference",
    "postprocess": "postprocess",
    "around_handler": AROUND_HANDLER,
}

PHASES = {"warm": "warm", "cold": "cold", "warmup": "warm-up", "load": "load"}


def named(engine: str) -> str:
    """For a verdict or advice, in which no approximate engine may pass for an exact one: ``onnx-int8 (not exact)``."""
    _, precision = taken_apart(engine)
    return engine if precision == FULL_PRECISION else f"{engine} (not exact)"


def listed(names: Sequence[str]) -> str:
    """``torch, onnx and openvino``"""
    *others, last = names or ("nothing",)
    return f"{', '.join(others)} and {last}" if others else last
