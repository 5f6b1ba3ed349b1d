"""Realistic records for tests: ``make_run()`` is an emulated comparison of two engines; arguments change what matters.

Times are drawn with a fixed seed around published figures (local about 40 ms, 1024 MB about five times that), so that
the same call gives the same run, and a test about one thing need not invent the rest.
"""

from __future__ import annotations

import random
from typing import Any

from msgspec.structs import replace

from resnet_bench.results import levels as rl
from resnet_bench.results import records as r
from resnet_bench.results import run as rr

MIB = 1024 * 1024
SHA = "a" * 64
VERSIONS = {"torch": {"torch": "2.14.1", "torchvision": "0.29.1"}, "onnx": {"onnxruntime": "1.31.1"}}
PREDICTIONS = (
    r.Prediction(281, "n02123045", "tabby", 0.61),
    r.Prediction(282, "n02123159", "tiger cat", 0.22),
    r.Prediction(285, "n02124075", "Egyptian cat", 0.11),
    r.Prediction(287, "n02127052", "lynx", 0.02),
    r.Prediction(673, "n03793489", "mouse", 0.01),
)


def make_stages(total_s: float = 0.04, *, remote: bool = False) -> r.StageTimes:
    """Stages in a usual proportion; they add up to 99 % of ``total_s``."""
    share = {"decode_s": 0.2, "preprocess_s": 0.1, "inference_s": 0.66, "postprocess_s": 0.01}
    entry = {"json_parse_s": 0.005, "base64_decode_s": 0.015} if remote else {"read_s": 0.02}
    return r.StageTimes(total_s=total_s, **{name: part * total_s for name, part in (share | entry).items()})


def make_cold(first_inference_s: float) -> r.ColdStages:
    """Start-up of 2.9 s, as long as the initialisation that ``make_trace`` and ``make_report`` tell of."""
    return r.ColdStages(
        interpreter_s=0.05, imports_s=1.9, weights_s=0.35, engine_s=0.6, first_inference_s=first_inference_s
    )


def make_facts(engine: str = "torch", **changes: Any) -> r.RuntimeFacts:
    facts = r.RuntimeFacts(
        engine=engine,
        precision="float32",
        threads_count=1,
        vcpus_count=2,
        python="CPython 3.11.7",
        versions=VERSIONS.get(engine, {}),
        cpu_model="Intel(R) Core(TM) i7-13700K",
        weights="IMAGENET1K_V1",
        weights_sha256=SHA,
        trained=True,
    )
    return replace(facts, **changes)


def make_answer(total_s: float = 0.04, *, engine: str = "torch", side: r.Side = "local", **changes: Any) -> r.Answer:
    remote = side == "remote"
    cold_start = changes.pop("cold_start", False)
    peak = 480 * MIB
    stages = make_stages(total_s, remote=remote)
    answer = r.Answer(
        predictions=PREDICTIONS,
        original_size=(451, 300),
        processed_size=(224, 224),
        stages=stages,
        memory=r.MemoryUse(
            rss_bytes=460 * MIB,
            peak_rss_bytes=peak,
            baseline_rss_bytes=32 * MIB,
            limit_bytes=1024 * MIB if remote else None,
            utilisation=peak / (1024 * MIB) if remote else None,
        ),
        runtime=make_facts(engine),
        identity=r.Identity(
            environment_id=f"{side}-{engine}",
            invocation_count=1 if cold_start else 7,
            cold_start=cold_start,
            request_id="8f5f7ad0-5c0e-4a2d-9f43-0f6c1e0c7d11" if remote else None,
            trace_id="1-6740a1b2-0123456789abcdef01234567" if remote else None,
            sampled=True if remote else None,
        ),
        cold=make_cold(stages.inference_s) if cold_start else None,
    )
    return replace(answer, **changes)


def make_client(total_s: float) -> r.ClientTimes:
    return r.ClientTimes(
        prepare_s=0.0003,
        connect_s=None,
        tls_s=None,
        send_s=0.0002,
        wait_s=total_s - 0.0007,
        receive_s=0.0001,
        total_s=total_s,
        sent_bytes=120_000,
        received_bytes=2_100,
        http_status=200,
    )


def make_trace(total_s: float, *, cold_start: bool = False) -> r.TraceTimes:
    return r.TraceTimes(
        trace_id="1-6740a1b2-0123456789abcdef01234567",
        shape="old",
        http_status=200,
        provisioning_s=0.12 if cold_start else None,
        initialization_s=2.9 if cold_start else None,
        invocation_s=total_s - 0.001,
        overhead_s=0.0005,
        total_s=total_s + (3.02 if cold_start else 0.0),
    )


def make_report(duration_s: float, *, cold_start: bool = False) -> r.ReportLine:
    return r.ReportLine(
        request_id="8f5f7ad0-5c0e-4a2d-9f43-0f6c1e0c7d11",
        duration_s=duration_s,
        billed_s=duration_s + (2.9 if cold_start else 0.0),
        memory_size_bytes=1024 * MIB,
        max_memory_used_bytes=512 * MIB,
        init_s=2.9 if cold_start else None,
    )


def make_sample(
    side: r.Side = "local",
    *,
    total_s: float = 0.04,
    engine: str = "torch",
    phase: r.Phase = "warm",
    pair: int = 0,
    **changes: Any,
) -> r.Sample:
    """One answered call. ``total_s`` is the handler's or local total; client and platform add a little each."""
    cold_start = phase == "cold"
    outcome = changes.pop("outcome", None) or make_answer(total_s, engine=engine, side=side, cold_start=cold_start)
    here = r.Skipped("the local side has none")
    start_s = 3.02 if cold_start else 0.0
    sample = r.Sample(
        side=side,
        engine=engine,
        phase=phase,
        pair=pair,
        position=int(side == "remote"),
        image="cat.jpg",
        started_at="2026-11-22T08:00:00.000+00:00",
        outcome=outcome,
        client=make_client(total_s + start_s + 0.006) if side == "remote" else here,
        trace=make_trace(total_s + 0.003, cold_start=cold_start) if side == "remote" else here,
        report=make_report(total_s + 0.002, cold_start=cold_start) if side == "remote" else here,
        cgroup_peak_bytes=560 * MIB if side == "remote" else here,
    )
    return replace(sample, **changes)


def make_failed(side: r.Side = "remote", *, status: int = 502, **changes: Any) -> r.Sample:
    """One call without an answer."""
    failed = r.Failed(error="HttpError", message=f"the endpoint answered {status}", status=status)
    none = r.Skipped("the call failed")
    return make_sample(side, outcome=failed, client=none, trace=none, report=none, cgroup_peak_bytes=none, **changes)


def make_attempt(error: str = "HttpError", **changes: Any) -> r.Attempt:
    """A try that failed for a passing reason, and the pause after it."""
    status = 503 if error == "HttpError" else None
    made = r.Attempt(error=error, message=f"a passing {error}", status=status, duration_s=0.1, waited_s=0.5)
    return replace(made, **changes)


def make_samples(
    *,
    runs: int = 60,
    cold: int = 3,
    warmup: int = 2,
    engines: tuple[str, ...] = ("torch", "onnx"),
    local_s: float = 0.04,
    remote_s: float = 0.2,
    seed: int = 1,
) -> tuple[r.Sample, ...]:
    """Pairs of every phase, each side's total log-normal (5 %) around its median; onnx takes 0.7 of torch's."""
    rng = random.Random(seed)
    made = []
    for phase, count in (("warmup", warmup), ("cold", cold), ("warm", runs)):
        for pair in range(count):
            for engine in engines:
                for side, median in (("local", local_s), ("remote", remote_s)):
                    total = median * (0.7 if engine == "onnx" else 1.0) * rng.lognormvariate(0, 0.05)
                    made.append(make_sample(side, total_s=total, engine=engine, phase=phase, pair=pair))
    return tuple(made)


def make_enforcement(mechanism: str = "cgroup-v2", **changes: Any) -> rr.Enforcement:
    enforcement = rr.Enforcement(
        mechanism=mechanism,
        cpu_limited=mechanism != "none",
        memory_limited=mechanism != "none",
        description=f"{mechanism}, 20 ms period",
    )
    return replace(enforcement, **changes)


def make_deployment(**changes: Any) -> rr.Deployment:
    deployment = rr.Deployment(
        kind="emulated",
        memory_bytes=1024 * MIB,
        cpu_share=0.579,
        vcpus_count=2,
        enforcement=make_enforcement(),
    )
    return replace(deployment, **changes)


def make_environment(**changes: Any) -> rr.Environment:
    environment = rr.Environment(
        os="Debian GNU/Linux 12 (bookworm), kernel 6.1.0, x86_64",
        cpu_model="Intel(R) Core(TM) i7-13700K",
        cpus_count=24,
        memory_bytes=32 * 1024 * MIB,
        python="CPython 3.11.7",
        versions={"resnet-bench": "0.1.0", "torch": "2.14.1", "onnxruntime": "1.31.1"},
        load_1m=0.4,
    )
    return replace(environment, **changes)


def make_settings(**changes: Any) -> rr.Settings:
    settings = rr.Settings(
        command="compare",
        engines=("torch", "onnx"),
        runs=60,
        warmup=2,
        cold=3,
        interval_s=0.0,
        seed=1,
        memory_bytes=1024 * MIB,
        threads=None,
        weights="auto",
        raw_body=False,
    )
    return replace(settings, **changes)


def make_run(*, runs: int = 60, samples: tuple[r.Sample, ...] | None = None, **changes: Any) -> rr.Run:
    """A finished comparison; ``samples`` in place of the drawn ones, other fields of ``Run`` by name."""
    run = rr.Run(
        version=1,
        created_at="2026-11-22T08:00:00+00:00",
        settings=make_settings(runs=runs),
        environment=make_environment(),
        deployment=make_deployment(),
        local_enforcement=None,
        images=(rr.ImageRef(name="cat.jpg", sha256="b" * 64, size_bytes=88_000, width=451, height=300, format="JPEG"),),
        samples=make_samples(runs=runs) if samples is None else samples,
        caveats=(),
        finished=True,
    )
    return replace(run, **changes)


def make_level(side: r.Side = "local", concurrency: int = 1, **changes: Any) -> rl.LoadLevel:
    """A level of 30 s whose first 5 s do not count."""
    level = rl.LoadLevel(
        engine="torch",
        side=side,
        variant=f"{concurrency} at once",
        concurrency=concurrency,
        workers=2,
        ramp_s=5.0,
        duration_s=30.0,
        clients=rl.LoadClients(
            began_at="2026-11-22T08:00:00.000000+00:00", elapsed_s=30.02, cpu_s=1.2, between_s=0.0003
        ),
    )
    return replace(level, **changes)
