"""Small runs of every command, to begin with."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from factories import make_attempt, make_deployment, make_failed, make_level, make_run, make_sample, make_samples
from inexact import inexact_run
from ladders import explained, memory_of
from loads import run_of, steady
from reports import by_hand, one_side, session
from resnet_bench.results.records import Failed
from resnet_bench.results.run import Caveat, Run
from sweeps import make_sizes

_CAVEAT = Caveat(code="few-runs", message="few", next_step="more")


def runs() -> Iterator[Run]:
    pairs = make_samples(runs=2, cold=1, warmup=1, engines=("onnx",))
    yield make_run(samples=pairs, caveats=(_CAVEAT,))
    yield make_run(samples=(*pairs[-4:], make_failed(engine="onnx", pair=3)), finished=False)
    yield make_run(samples=(replace(make_sample("remote"), attempts=(make_attempt(),)), make_sample()))
    yield make_run(samples=(), deployment=make_deployment(kind="aws", region="eu-west-1", stack="s", function="f"))
    yield one_side("local", (make_sample(), make_sample(pair=1, phase="cold")))
    yield one_side("remote", (make_sample("remote"), make_sample("remote", phase="cold")))
    yield inexact_run(runs=1)
    yield session(by_hand("local"), by_hand("remote"), by_hand("remote", 1))
    yield replace(explained(runs=1), memory_steps=memory_of(10_000_000, pairs=1))
    yield make_sizes({512: [0.3], 1024: [0.2, 0.21]}, failed={256: Failed(error="OutOfMemory", message="killed")})
    levels = [make_level("local", 1), make_level("remote", 2)]
    yield run_of([(level, list(steady(level, 0.1))) for level in levels])


# What stands where only some words may stand.
WORDS = (
    *("local", "remote", "warmup", "warm", "cold", "load", "compare", "explain", "tune", "serve", "http", "invoke"),
    *("exact", "fast", "skipped", "answer", "failed", "client", "trace", "report", "clients", "emulated", "aws", "url"),
    *("json", "raw", "file", "old", "new", "xray", "logs", "onnx", "torch", "onnx-int8", "lambda", "none", "variant"),
    *("1 at once", "512 MB", "attempts", "samples", "levels", "memory_steps", "cgroup_peak_bytes", "v1", "random"),
    {"kind": "skipped", "reason": "not measured"},
    {"kind": "skipped", "reason": "late", "pending": True},
)
