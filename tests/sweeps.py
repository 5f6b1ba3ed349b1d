"""Runs of a memory sweep whose times are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from factories import MIB, make_deployment, make_report, make_run, make_sample, make_settings
from resnet_bench.results import records as r
from resnet_bench.results.run import Run

NONE = r.Skipped("the call failed")


def make_sizes(
    times_s: Mapping[int, Sequence[float]],
    *,
    colds_s: Sequence[float] = (1.0, 1.2),
    used_mb: int = 300,
    failed: Mapping[int, r.Failed] | None = None,
    images: Sequence[str] = ("cat.jpg",),
    **changes: Any,
) -> Run:
    """``times_s`` has the handler's warm times of each size in MB; the client waits 6 ms longer.

    A size in ``failed`` ends with that, after the calls that it has in ``times_s``.
    """
    samples: list[r.Sample] = []
    for memory_mb, warm in times_s.items():
        phases: tuple[tuple[r.Phase, Sequence[float]], ...] = (("cold", colds_s if warm else ()), ("warm", warm))
        for phase, totals in phases:
            for pair, total_s in enumerate(totals):
                samples.append(
                    _sample(memory_mb, phase, pair, total_s, image=images[pair % len(images)], used_mb=used_mb)
                )
        if failed and memory_mb in failed:
            samples.append(_dead(memory_mb, failed[memory_mb]))
    deployment = make_deployment(memory_bytes=None, cpu_share=None, vcpus_count=None)
    run = make_run(samples=tuple(samples), deployment=deployment)
    settings = make_settings(command="tune", engines=("onnx",), memory_bytes=None, runs=12, cold=2)
    return replace(run, **{"settings": settings, **changes})


def _sample(memory_mb: int, phase: r.Phase, pair: int, total_s: float, *, image: str, used_mb: int) -> r.Sample:
    report = make_report(total_s, cold_start=phase == "cold")
    report = replace(report, memory_size_bytes=memory_mb * MIB, max_memory_used_bytes=used_mb * MIB)
    return make_sample(
        "remote",
        total_s=total_s,
        engine="onnx",
        phase=phase,
        pair=pair,
        image=image,
        report=report,
        variant=f"{memory_mb} MB",
    )


def _dead(memory_mb: int, outcome: r.Failed) -> r.Sample:
    return make_sample(
        "remote",
        engine="onnx",
        pair=99,
        outcome=outcome,
        client=NONE,
        trace=NONE,
        report=NONE,
        cgroup_peak_bytes=NONE,
        variant=f"{memory_mb} MB",
    )
