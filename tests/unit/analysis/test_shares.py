"""The parts of a cold start as shares of the time to the first answer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from factories import make_run, make_sample
from resnet_bench.analysis.shares import PROVISIONING, REST, start_shares
from resnet_bench.results.records import Skipped


def test_the_parts_of_each_start_are_the_whole_of_it() -> None:
    parts = start_shares(make_run(), "onnx")
    assert [part.name for part in parts] == [
        PROVISIONING,
        "interpreter",
        "imports",
        "weights",
        "engine",
        "first inference",
        "other stages",
        REST,
    ]
    for side in ("local", "remote"):
        of_each = [getattr(part, side) for part in parts if getattr(part, side)]
        assert [sum(shares) for shares in zip(*of_each, strict=True)] == pytest.approx([1.0] * 3)


def test_without_a_trace_provisioning_is_in_the_rest() -> None:
    traced = make_sample("remote", phase="cold", engine="onnx", total_s=0.2)
    untraced = replace(traced, trace=Skipped("sampled out"))
    (with_trace,), (without,) = (
        [part for part in start_shares(make_run(samples=(one,)), "onnx") if part.name == REST]
        for one in (traced, untraced)
    )
    assert without.remote[0] > with_trace.remote[0]
    assert PROVISIONING not in {part.name for part in start_shares(make_run(samples=(untraced,)), "onnx")}


def test_only_starts_of_which_the_whole_is_known_count() -> None:
    start = make_sample("local", phase="cold", engine="onnx")
    unknown = replace(start.outcome.cold, interpreter_s=None)  # type: ignore[union-attr, type-var]
    partly = replace(start, outcome=replace(start.outcome, cold=unknown))
    assert start_shares(make_run(samples=(partly,)), "onnx") == ()
    assert start_shares(make_run(samples=()), "onnx") == ()
