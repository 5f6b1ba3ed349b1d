"""X-Ray documents to times: both shapes, the ones still being written, the ones that cannot be true, and garbage."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.traces.times import parse_trace
from resnet_bench.results.records import Skipped, TraceTimes

GOLDEN = Path(__file__).parents[2] / "golden"
TRACE_ID = "1-68dd2f00-52ad8ff0c8a7e3b1d4f6a902"


def golden(name):
    """A golden trace as BatchGetTraces returns it; the files hold documents as objects, for people to read."""
    trace = json.loads((GOLDEN / f"xray_{name}.json").read_text())
    for segment in trace["Segments"]:
        segment["Document"] = json.dumps(segment["Document"])
    return trace


def edited(name, origin, **changes):
    """A golden trace with top-level changes to one document; ``None`` removes a key."""
    trace = golden(name)
    for segment in trace["Segments"]:
        document = json.loads(segment["Document"])
        if document["origin"] == origin:
            document = {key: value for key, value in {**document, **changes}.items() if value is not None}
        segment["Document"] = json.dumps(document)
    return trace


def times(shape, *parts_s):
    """Provisioning, initialisation, invocation, overhead and total, to a microsecond."""
    close = [None if part is None else pytest.approx(part, abs=1e-6) for part in parts_s]
    provisioning_s, initialization_s, invocation_s, overhead_s, total_s = close
    return TraceTimes(
        trace_id=TRACE_ID,
        shape=shape,
        http_status=200,
        provisioning_s=provisioning_s,
        initialization_s=initialization_s,
        invocation_s=invocation_s,
        overhead_s=overhead_s,
        total_s=total_s,
    )


EXPECTED = {
    "old_cold": times("old", 0.28, 5.22, 0.7418, 0.0205, 6.275),
    "old_warm": times("old", None, None, 0.7414, 0.003, 0.761),
    "old_error": times("old", None, None, 0.2894, 0.005, 0.312),
    "new_cold": times("new", 0.28, 5.22, 0.7418, 0.0205, 6.275),
    "new_warm": times("new", None, None, 0.7414, 0.003, 0.761),
    "new_init_in_service": times("new", 0.28, 5.22, 0.7418, 0.0205, 6.275),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_golden_documents_give_these_times(name):
    assert parse_trace(golden(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_order_of_the_segments_does_not_matter(name):
    trace = golden(name)
    trace["Segments"].reverse()
    assert parse_trace(trace) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("old_in_progress", "the AWS::Lambda::Function segment is still open"),
        ("old_service_only", "the AWS::Lambda::Function segment is missing"),
        ("new_in_progress", "the AWS::Lambda segment is still open"),
    ],
)
def test_a_trace_that_is_still_being_written_is_pending(name, reason):
    assert parse_trace(golden(name)) == Skipped(f"not complete yet: {reason}", pending=True)


def test_an_open_subsegment_is_pending_even_if_its_segment_has_ended():
    trace = edited(
        "old_warm", "AWS::Lambda::Function", subsegments=[{"name": "Invocation", "start_time": 1, "in_progress": True}]
    )
    assert parse_trace(trace) == Skipped("not complete yet: the Invocation subsegment is still open", pending=True)


def test_without_any_segment_the_trace_is_pending():
    found = parse_trace({"Id": TRACE_ID, "Segments": []})
    assert isinstance(found, Skipped)
    assert found.pending


def test_segments_of_other_services_are_passed_over():
    trace = golden("old_warm")
    other = {"id": "aa", "origin": "AWS::ApiGateway::Stage", "start_time": 1.0, "in_progress": True}
    trace["Segments"].insert(0, {"Id": "aa", "Document": json.dumps(other)})
    assert parse_trace(trace) == EXPECTED["old_warm"]


def test_the_same_segment_twice_counts_once():
    trace = golden("old_warm")
    trace["Segments"] += copy.deepcopy(trace["Segments"])
    assert parse_trace(trace) == EXPECTED["old_warm"]


def test_two_invocations_under_one_trace_are_refused():
    trace = golden("old_warm")
    second = json.loads(trace["Segments"][0]["Document"]) | {"id": "bb"}
    trace["Segments"].append({"Id": "bb", "Document": json.dumps(second)})
    found = parse_trace(trace)
    assert isinstance(found, Skipped)
    assert "2 AWS::Lambda segments" in found.reason
    assert not found.pending


def test_a_new_shape_without_latency_takes_the_function_less_its_overhead():
    trace = edited("new_warm", "AWS::Lambda::Function", annotations={"aws:runtimeOverhead": 4.6})
    assert parse_trace(trace) == times("new", None, None, 0.74, 0.0046, 0.761)


def test_a_new_shape_without_annotations_takes_the_whole_function():
    trace = edited("new_warm", "AWS::Lambda::Function", annotations=None)
    assert parse_trace(trace) == times("new", None, None, 0.7446, None, 0.761)


@pytest.mark.parametrize("value", ["741", True, None, [], {}])
def test_an_annotation_that_is_no_number_is_passed_over(value):
    trace = edited("new_warm", "AWS::Lambda::Function", annotations={"aws:responseLatency": value})
    assert parse_trace(trace) == times("new", None, None, 0.7446, None, 0.761)


def test_parts_longer_than_the_whole_are_rejected():
    found = parse_trace(golden("parts_exceed_whole"))
    assert found == Skipped("rejected: the parts take 0.741 s and the whole 0.400 s")


def test_an_invocation_longer_than_its_own_segment_is_rejected():
    found = parse_trace(edited("new_warm", "AWS::Lambda::Function", annotations={"aws:responseLatency": 750.0}))
    assert isinstance(found, Skipped)
    assert found.reason.startswith("rejected: the invocation takes 0.750 s")


def test_an_initialisation_before_the_request_is_rejected():
    found = parse_trace(edited("old_cold", "AWS::Lambda", start_time=1759326976.5))
    assert isinstance(found, Skipped)
    assert "began before the request" in found.reason


def test_an_initialisation_within_the_rounding_of_the_request_needed_no_provisioning():
    found = parse_trace(edited("old_cold", "AWS::Lambda", start_time=1759326976.381))
    assert isinstance(found, TraceTimes)
    assert found.provisioning_s == 0


def test_a_segment_that_ends_before_it_starts_is_rejected():
    found = parse_trace(edited("old_warm", "AWS::Lambda", end_time=1.0))
    assert found == Skipped("rejected: total ends before it starts")


def test_the_status_is_none_where_the_service_gives_none():
    found = parse_trace(edited("old_warm", "AWS::Lambda", http=None))
    assert isinstance(found, TraceTimes)
    assert found.http_status is None


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no json",
        "[]",
        "NaN",
        '{"start_time": NaN}',
        '{"start_time": Infinity}',
        '{"start_time": "soon"}',
        '{"subsegments": {"name": "Init"}}',
        '{"http": {"response": {"status": "200"}}}',
        "\ud800",
        "[" * 100_000,
        '{"subsegments":[' * 100_000,
        '{"x":' * 100_000,
    ],
)
def test_an_unreadable_document_is_skipped_for_good(document):
    trace = golden("old_warm")
    trace["Segments"].append({"Id": "cc", "Document": document})
    found = parse_trace(trace)
    assert isinstance(found, Skipped)
    assert found.reason.startswith("unreadable X-Ray document")
    assert not found.pending


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_value_in_place_of_a_trace_is_skipped(value):
    assert isinstance(parse_trace(value), Skipped)


@given(st.text() | json_values.map(json.dumps))
def test_any_document_is_skipped(document):
    assert isinstance(parse_trace({"Id": "x", "Segments": [{"Document": document}]}), Skipped)


numbers = st.none() | st.integers() | st.floats() | st.booleans() | st.text(max_size=3)
spans = st.fixed_dictionaries(
    {"name": st.sampled_from(["Init", "Initialization", "Invocation", "Overhead", "own"]), "start_time": numbers},
    optional={"end_time": numbers, "in_progress": st.booleans() | st.none()},
)
segments = st.fixed_dictionaries(
    {"id": st.text(max_size=1), "origin": st.sampled_from(["AWS::Lambda", "AWS::Lambda::Function"])},
    optional={
        "start_time": st.floats(0, 9),
        "end_time": numbers | st.floats(0, 9),
        "subsegments": st.lists(spans, max_size=4),
        "annotations": st.dictionaries(st.sampled_from(["aws:responseLatency", "aws.runtimeOverhead"]), numbers),
        "http": json_values,
    },
)


@given(st.lists(segments, max_size=3))
def test_nearly_right_documents_give_times_that_hold_together_or_a_reason(documents):
    found = parse_trace({"Id": "x", "Segments": [{"Document": json.dumps(document)} for document in documents]})
    if isinstance(found, TraceTimes):
        assert 0 <= found.invocation_s + (found.initialization_s or 0) <= found.total_s + 0.01
    else:
        assert found.reason


def split(trace, picked):
    """The subsegments with these numbers sent as documents of their own, before all others."""
    alone, number = [], 0
    for segment in trace["Segments"]:
        document = json.loads(segment["Document"])
        embedded = []
        for child in document.get("subsegments") or ():
            if number in picked:
                own = {**child, "type": "subsegment", "parent_id": document["id"], "trace_id": TRACE_ID}
                alone += [{"Id": "a", "Document": json.dumps(own)}]
                # Its beginning was sent too, and may be listed later.
                begun = {key: value for key, value in own.items() if key != "end_time"} | {"in_progress": True}
                alone += [{"Id": "a", "Document": json.dumps(begun)}]
            else:
                embedded.append(child)
            number += 1
        segment["Document"] = json.dumps({**document, "subsegments": embedded})
    return {**trace, "Segments": alone + trace["Segments"]}


@given(st.sampled_from(sorted(EXPECTED)), st.sets(st.integers(0, 5)))
def test_subsegments_that_are_documents_of_their_own_count_as_if_they_were_inside(name, picked):
    assert parse_trace(split(golden(name), picked)) == EXPECTED[name]


def test_subsegments_that_are_each_others_parents_hang_nothing():
    circle = [
        {"Id": key, "Document": json.dumps({"id": key, "parent_id": other, "type": "subsegment", "name": "Init"})}
        for key, other in (("x", "y"), ("y", "x"), ("z", "z"))
    ]
    trace = golden("old_warm")
    assert parse_trace({**trace, "Segments": circle + trace["Segments"]}) == EXPECTED["old_warm"]
