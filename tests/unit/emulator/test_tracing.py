"""Sampling, trace headers and segment documents of the emulated X-Ray."""

from __future__ import annotations

import json
import re

import pytest

from resnet_bench.aws.traces.times import parse_trace
from resnet_bench.emulator.function import Function
from resnet_bench.emulator.tracing import Sampler, Timeline, TraceContext, TraceStore
from resnet_bench.results.records import TraceTimes
from resnet_bench.trace_header import parse_header


def test_the_first_request_of_each_second_is_sampled() -> None:
    sampler = Sampler()
    assert all(sampler.decide(second + 0.5) for second in range(100))


def test_about_five_percent_of_the_others_are_sampled() -> None:
    sampler = Sampler()
    sampled = sum(sampler.decide(1000.0) for _ in range(10_001)) - 1
    # Ten standard deviations on either side; the generator is seeded.
    assert 280 < sampled < 720


def test_the_same_seed_decides_alike() -> None:
    one, two, other = Sampler(7), Sampler(7), Sampler(8)
    decisions = [[sampler.decide(1.0) for _ in range(500)] for sampler in (one, two, other)]
    assert decisions[0] == decisions[1] != decisions[2]


def test_a_new_trace_has_an_id_of_x_rays_form_and_tells_the_decision() -> None:
    for sampled in (True, False):
        context = TraceContext.new(sampled)
        assert re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{24}", context.trace_id)
        header = parse_header(context.header)
        assert (header.trace_id, header.sampled) == (context.trace_id, sampled)
        assert header.parent_id == context.function_segment_id
        assert header.lineage


@pytest.mark.parametrize(
    ("given", "expected"), [("1", True), ("0", False), ("?", True)], ids=["sampled", "not sampled", "undecided"]
)
def test_a_callers_header_is_continued(given: str, expected: bool) -> None:
    root = "1-5759e988-bd862e3fe1be46a994272793"
    context = TraceContext.new(True, f"Root={root};Parent=53995c3f42cd8ad8;Sampled={given}")
    assert (context.trace_id, context.sampled, context.parent_id) == (root, expected, "53995c3f42cd8ad8")


def test_an_unreadable_header_starts_a_new_trace() -> None:
    assert TraceContext.new(True, "nonsense").parent_id is None


COLD = Timeline(
    service_start_s=100.0,
    init_start_s=100.05,
    init_end_s=101.05,
    invoke_start_s=101.06,
    handed_s=101.07,
    answered_s=101.57,
    ready_s=101.6,
    service_end_s=101.6,
)


def recorded(timeline: Timeline, *, sampled: bool = True, error: bool = False) -> tuple[TraceStore, str]:
    store, context = TraceStore(Function("module.handler")), TraceContext.new(sampled)
    store.record(context, "request", timeline, error=error)
    return store, context.trace_id


def test_the_documents_give_the_timeline_back_through_the_projects_reader() -> None:
    store, trace_id = recorded(COLD)
    times = parse_trace({"Id": trace_id, "Segments": store.segments(trace_id)})
    assert isinstance(times, TraceTimes)
    assert times.shape == "old"
    assert times.http_status == 200
    assert times.initialization_s == pytest.approx(1.0, abs=1e-5)
    assert times.provisioning_s == pytest.approx(0.05, abs=2e-3)
    assert times.invocation_s == pytest.approx(0.5, abs=1e-5)
    assert times.overhead_s == pytest.approx(0.03, abs=1e-5)


def test_rounding_to_milliseconds_makes_no_total_longer_on_average() -> None:
    excess = []
    for number in range(1000):
        start_s, length_s = 100.0 + number * 0.001618, 0.05 + number * 0.000271
        end_s = start_s + length_s
        store, trace_id = recorded(
            Timeline(start_s, invoke_start_s=start_s, handed_s=start_s, answered_s=end_s, ready_s=end_s)
        )
        (service, _) = (json.loads(segment["Document"]) for segment in store.segments(trace_id))
        excess.append(service["end_time"] - service["start_time"] - length_s)
    assert abs(sum(excess) / len(excess)) < 1e-4
    assert max(map(abs, excess)) < 1.1e-3


def test_a_failed_invocation_is_a_fault() -> None:
    store, trace_id = recorded(COLD, error=True)
    assert all(json.loads(segment["Document"])["fault"] for segment in store.segments(trace_id))


def test_a_request_that_was_sampled_out_leaves_no_trace() -> None:
    store, trace_id = recorded(COLD, sampled=False)
    assert store.segments(trace_id) == []


def test_an_invocation_that_never_began_has_finished_segments_too() -> None:
    store, trace_id = recorded(Timeline(100.0, invoke_start_s=100.1, service_end_s=100.3), error=True)
    documents = [json.loads(segment["Document"]) for segment in store.segments(trace_id)]
    assert all(document["end_time"] >= document["start_time"] for document in documents)
    assert {document["origin"] for document in documents} == {"AWS::Lambda", "AWS::Lambda::Function"}
