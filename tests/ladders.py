"""Runs of ``explain`` with steps of known size, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from factories import MIB, make_answer, make_client, make_deployment, make_run, make_sample, make_samples, make_settings
from resnet_bench.analysis import ladder as rungs
from resnet_bench.analysis.held import Held, held
from resnet_bench.results.memory import Body, MemoryStep
from resnet_bench.results.records import Failed, Sample, Side, Skipped
from resnet_bench.results.run import ImageRef, Run

# What each step costs in seconds, from a local total of 40 ms.
LOCAL_S = 0.040
EMULATED_S = {
    rungs.THREADS: 0.020,
    rungs.SHARE: 0.100,
    rungs.ENCODED: 0.004,
    rungs.RUNTIME: 0.002,
    rungs.GATEWAY: 0.001,
}
DEPLOYED_S = {
    rungs.THREADS: 0.020,
    rungs.SHARE: 0.100,
    rungs.ENCODED: 0.004,
    rungs.HARDWARE: -0.020,
    rungs.NETWORK: 0.030,
}
UPLOAD_S = 0.015
_FAR_AROUND_S = 0.0005


def explained(
    *,
    steps: Mapping[str, float] | None = None,
    engines: Sequence[str] = ("onnx",),
    images: Mapping[str, float] | None = None,
    runs: int = 40,
    noise: float = 0.02,
    seed: int = 1,
    deployed: bool = False,
    cold: int = 3,
    **changes: Any,
) -> Run:
    """``images`` has the local total of each; every rung's call varies by ``noise`` of that, independently."""
    steps = {**(DEPLOYED_S if deployed else EMULATED_S), **(steps or {})}
    images = images or {"cat.jpg": LOCAL_S}
    rng = np.random.default_rng(seed)
    made: list[Sample] = [*make_samples(runs=0, warmup=0, cold=cold, engines=tuple(engines))]
    for engine in engines:
        for pair in range(runs):
            image = list(images)[pair % len(images)]

            def drawn(base_s: float = images[image]) -> float:
                return float(base_s * rng.normal(0, noise))

            make = _deployed if deployed else _emulated
            for side, variant, total_s, stages_s in make(images[image], steps, drawn):
                made.append(_sample(side, variant, total_s, stages_s, engine=engine, pair=pair, image=image))
    run = make_run(
        samples=tuple(made),
        settings=make_settings(command="explain", engines=tuple(engines), runs=runs, cold=cold),
        images=tuple(
            ImageRef(name=name, sha256="b" * 64, size_bytes=88_000, width=451, height=300, format="JPEG")
            for name in images
        ),
        deployment=make_deployment(kind="aws" if deployed else "emulated"),
    )
    return replace(run, **changes)


def _emulated(local_s: float, steps: Mapping[str, float], drawn: Any) -> list[tuple[Side, str, float, float]]:
    rungs_of: tuple[tuple[Side, str, str], ...] = (
        ("local", rungs.THREADS, rungs.THREADS),
        ("local", rungs.SHARE, rungs.SHARE),
        ("local", rungs.ENCODED, rungs.ENCODED),
        ("remote", rungs.RUNTIME, rungs.RUNTIME),
        ("remote", "", rungs.GATEWAY),
    )
    calls: list[tuple[Side, str, float, float]] = [("local", "", local_s + drawn(), 0.0)]
    level_s = local_s
    for side, variant, step in rungs_of:
        level_s += steps[step]
        total_s = level_s + drawn()
        calls.append((side, variant, total_s, total_s - 0.005))
    return calls


def _deployed(local_s: float, steps: Mapping[str, float], drawn: Any) -> list[tuple[Side, str, float, float]]:
    threads_s = local_s + steps[rungs.THREADS]
    share_s = threads_s + steps[rungs.SHARE]
    encoded_s = share_s + steps[rungs.ENCODED]
    near_s = encoded_s - _FAR_AROUND_S
    far_s = near_s + steps[rungs.HARDWARE] + drawn()
    return [
        ("local", "", local_s + drawn(), 0.0),
        ("local", rungs.THREADS, threads_s + drawn(), 0.0),
        ("local", rungs.SHARE, share_s + drawn(), 0.0),
        ("local", rungs.ENCODED, encoded_s + drawn(), near_s + drawn()),
        ("remote", rungs.PROBE, steps[rungs.NETWORK] + drawn(), 0.0),
        ("remote", "", far_s + _FAR_AROUND_S + steps[rungs.NETWORK] + UPLOAD_S + drawn(), far_s),
    ]


def _sample(side: Side, variant: str, total_s: float, stages_s: float, *, engine: str, **changes: Any) -> Sample:
    """A call that the caller waited ``total_s`` for; by the handler's own clock it took ``stages_s``."""
    plain_local = side == "local" and variant != rungs.ENCODED
    sample = make_sample(side, total_s=total_s if plain_local else stages_s, engine=engine, variant=variant, **changes)
    if plain_local:
        return sample
    if variant == rungs.PROBE:
        refused = Failed(error="HttpError", message="no_image: the request has no body", status=400)
        none = Skipped("a probe is not traced")
        client = replace(make_client(total_s), http_status=400)
        return replace(sample, outcome=refused, client=client, trace=none, report=none, cgroup_peak_bytes=none)
    answer = make_answer(stages_s, engine=engine, side="remote")
    return replace(sample, outcome=answer, client=make_client(total_s))


def memory_of(extra_bytes: int, *, engine: str = "onnx", pairs: int = 6, peaks: bool = True) -> tuple[MemoryStep, ...]:
    """Processes of 300 MB; with the request they hold and peak at ``extra_bytes`` more. No two are quite alike."""
    grows = {"interpreter": 15 * MIB, "weights and engine": 285 * MIB, "request": 0}
    made = []
    bodies: tuple[Body, Body] = ("json", "file")
    for number in range(pairs):
        for body in bodies:
            resident = 4096 * (number % 3)
            for name, grown in grows.items():
                resident += grown + (extra_bytes if (name, body) == ("request", "json") else 0)
                high = 320 * MIB + (extra_bytes if body == "json" else 0) + 4096 * number
                peak = high if peaks else Skipped("this kernel's high-water mark cannot be reset")
                made.append(
                    MemoryStep(
                        engine=engine,
                        image="cat.jpg",
                        body=body,
                        number=number,
                        name=name,
                        rss_bytes=resident,
                        peak_rss_bytes=peak,
                    )
                )
    return tuple(made)


def held_in(run: Run, engine: str = "onnx") -> Held:
    found = held(run, engine)
    assert found is not None
    return found
