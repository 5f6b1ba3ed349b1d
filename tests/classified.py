"""Classifications of the page at every stage, without a server or a runner."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from factories import make_run, make_sample, make_settings
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import ImageRef, Run
from resnet_bench.web.classification import Classification

PENDING = Skipped("the trace is not indexed yet", pending=True)


def make_classification(
    number: int = 1, *, name: str = "cat.jpg", cold: bool = False, **changes: Any
) -> Classification:
    """Done, with everything that can be known of it; ``changes`` are its fields."""
    common: dict[str, Any] = {
        "phase": "cold" if cold else "warm",
        "engine": "onnx",
        "pair": number,
        "image": name,
        "started_at": f"2026-11-22T08:{number:02}:00.000+00:00",
    }
    fields: dict[str, Any] = {
        "state": "done",
        "asks_count": 2,
        "local": make_sample("local", **common),
        "remote": make_sample("remote", total_s=0.2, **common),
    }
    image = ImageRef(name=name, sha256="b" * 64, size_bytes=88_000, width=451, height=300, format="JPEG")
    return Classification(number, image, cold, **(fields | changes))


def without_trace(sample: Sample | None, reason: Skipped = PENDING) -> Sample:
    assert sample is not None
    return replace(sample, trace=reason, report=reason)


def session(*ones: Classification) -> Run:
    """The run of a page on which these were classified."""
    samples = tuple(sample for one in ones for sample in one.samples)
    settings = make_settings(command="serve", engines=("onnx",), runs=len(ones), warmup=0, cold=0)
    return make_run(samples=samples, images=tuple(one.image for one in ones), settings=settings)
