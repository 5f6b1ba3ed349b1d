"""Runs whose answers are close to exact ones: engines in a reduced precision, images decoded the fast way."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from factories import SHA, make_answer, make_facts, make_run, make_sample, make_settings
from resnet_bench.results.records import FAST_DECODE, Agreement, Compared, Decode, RuntimeFacts, Sample, Side
from resnet_bench.results.run import Run

PRECISIONS = {"int8": "int8", "bf16": "bfloat16"}
# Medians of a warm call in seconds, here and on Lambda.
INT8_FAST = {"torch": (0.4, 0.8), "onnx-int8": (0.08, 0.16)}


def make_compared(**changes: Any) -> Compared:
    made = Compared(images_count=2, same_top1_count=2, same_top5_count=1, max_probability_difference=0.006)
    return replace(made, **changes)


def make_agreement(subject: str = "onnx-int8", **changes: Any) -> Agreement:
    calibrated = make_compared(images_count=6, same_top1_count=5, same_top5_count=4, max_probability_difference=0.012)
    made = Agreement(
        subject=subject,
        calibration=calibrated if subject.endswith("int8") else None,
        held_out=make_compared(),
        trained=True,
        images_sha256=SHA,
    )
    return replace(made, **changes)


def inexact_facts(engine: str, decode: Decode = "exact", *, agreed: bool = True, trained: bool = True) -> RuntimeFacts:
    """As a handler tells them that has these agreements in its manifest, or an older one (``agreed`` False)."""
    precision = PRECISIONS.get(engine.partition("-")[2], "float32")
    subjects = [*([engine] if precision != "float32" else []), *([FAST_DECODE] if decode == "fast" else [])]
    agreements = tuple(make_agreement(subject, trained=trained) for subject in subjects) if agreed else ()
    return make_facts(engine, precision=precision, decode=decode, agreements=agreements, trained=trained)


def inexact_sample(side: Side, engine: str, total_s: float, pair: int = 0, **facts: Any) -> Sample:
    answer = make_answer(total_s, engine=engine, side=side, runtime=inexact_facts(engine, **facts))
    return make_sample(side, engine=engine, total_s=total_s, pair=pair, outcome=answer)


def inexact_run(medians: Mapping[str, tuple[float, float]] = INT8_FAST, *, runs: int = 12, **facts: Any) -> Run:
    """A comparison of these engines; each total is log-normal (2 %) around its median."""
    rng = random.Random(1)
    samples = tuple(
        inexact_sample(side, engine, median * rng.lognormvariate(0, 0.02), pair, **facts)
        for pair in range(runs)
        for engine, both in medians.items()
        for side, median in zip(("local", "remote"), both, strict=True)
    )
    settings = make_settings(engines=tuple(medians), runs=runs, warmup=0, cold=0, decode=facts.get("decode", "exact"))
    return make_run(samples=samples, settings=settings)
