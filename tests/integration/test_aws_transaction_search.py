"""Traces that Transaction Search keeps in CloudWatch Logs: through botocore's Stubber, since moto knows none of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.stub import ANY, Stubber

from clocks import FalseClock
from golden_traces import documents, trace_id
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.access.waiting import Waiting
from resnet_bench.aws.traces.fetch import NOT_IN_LOGS, TraceReader, await_traces
from resnet_bench.aws.traces.transaction_search import Patience
from resnet_bench.results.records import Skipped, TraceTimes

CAME = 0x68DD2F00
ACCOUNT = "111122223333"


def spans(name, number, part=slice(None)):
    """The segments of a golden trace, as ListRetrievedTraces wraps them."""
    return {"Id": trace_id(number), "Spans": [{"Id": "s", "Document": text} for text in documents(name, number)[part]]}


def reader(xray, clock=None):
    clock = clock or FalseClock()
    return TraceReader(xray, Patience(clock=clock, sleep=clock.sleep))


class Script:
    """What X-Ray is asked, in this order, and what it answers."""

    def __init__(self, stub):
        self.stub = stub

    def batch(self, *traces):
        self.stub.add_response("batch_get_traces", {"Traces": list(traces)})

    def destination(self, name):
        self.stub.add_response("get_trace_segment_destination", {"Destination": name, "Status": "ACTIVE"}, {})

    def start(self, ids, start=ANY, end=ANY):
        wanted = {"TraceIds": ids, "StartTime": start, "EndTime": end}
        self.stub.add_response("start_trace_retrieval", {"RetrievalToken": "token"}, wanted)

    def listed(self, status, *traces, more=None, asked=None):
        answer = {"RetrievalStatus": status, "TraceFormat": "XRAY", "Traces": list(traces)}
        wanted = {"RetrievalToken": "token", "TraceFormat": "XRAY"}
        self.stub.add_response(
            "list_retrieved_traces",
            answer | ({"NextToken": more} if more else {}),
            wanted | ({"NextToken": asked} if asked else {}),
        )


@pytest.fixture
def xray():
    made = client("xray", endpoint_url="http://127.0.0.1:9")
    yield made
    made.close()


@pytest.fixture
def script(xray):
    with Stubber(xray) as stub:
        yield Script(stub)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("name", ["old_warm", "old_cold", "new_warm", "new_cold", "new_init_in_service"])
def test_both_shapes_come_from_the_logs_as_from_x_ray_and_say_so(xray, script, name):
    script.batch()
    script.destination("CloudWatchLogs")
    script.start([trace_id(1)])
    script.listed("COMPLETE", spans(name, 1))
    times = reader(xray).fetch([trace_id(1)])[trace_id(1)]
    assert isinstance(times, TraceTimes)
    assert times.source == "logs"
    assert times.shape == name[:3]
    assert (times.initialization_s is not None) == (not name.endswith("warm"))


def test_a_retrieval_is_asked_until_it_is_complete_and_its_pages_are_put_together(xray, script):
    script.batch()
    script.destination("CloudWatchLogs")
    script.start([trace_id(1), trace_id(2)])
    script.listed("SCHEDULED")
    script.listed("RUNNING")
    script.listed("COMPLETE", spans("old_warm", 1, slice(0, 1)), more="p2")
    script.listed("COMPLETE", spans("old_warm", 1, slice(1, 2)), spans("old_warm", 2), asked="p2")
    clock = FalseClock()
    found = reader(xray, clock).fetch([trace_id(1), trace_id(2)])
    assert all(isinstance(times, TraceTimes) for times in found.values())
    assert clock.slept == [1.0, 1.0]


def test_the_window_reaches_from_before_the_first_trace_to_after_the_last(xray, script):
    script.batch()
    script.destination("CloudWatchLogs")
    late, early = trace_id(1, CAME + 60), trace_id(2, CAME)
    script.start(
        [early, late],
        datetime.fromtimestamp(CAME, UTC) - timedelta(minutes=5),
        datetime.fromtimestamp(CAME + 60, UTC) + timedelta(minutes=20),
    )
    script.listed("COMPLETE")
    found = reader(xray).fetch([late, early])
    assert list(found.values()) == [NOT_IN_LOGS, NOT_IN_LOGS]


def test_no_window_reaches_into_the_future(xray, script):
    script.batch()
    script.destination("CloudWatchLogs")
    seen = []
    xray.meta.events.register("provide-client-params.xray.StartTraceRetrieval", lambda params, **_: seen.append(params))
    now = datetime.now(UTC)
    script.start([trace_id(1, int(now.timestamp()))])
    script.listed("COMPLETE")
    reader(xray).fetch([trace_id(1, int(now.timestamp()))])
    assert now <= seen[0]["EndTime"] <= datetime.now(UTC)


def test_only_what_x_ray_does_not_know_is_retrieved_a_hundred_at_a_time(xray, script):
    ids = [trace_id(number) for number in range(151)]
    known = [{"Id": trace_id(0), "Segments": spans("old_warm", 0)["Spans"]}]
    for first in range(0, 151, 5):
        script.batch(*(known if first == 0 else ()))
    script.destination("CloudWatchLogs")
    for batch in (ids[1:101], ids[101:]):
        script.start(batch)
        script.listed("COMPLETE", *(spans("old_warm", int(key[-6:], 16)) for key in batch))
    found = reader(xray).fetch(ids)
    assert [times.source for times in found.values()] == ["xray"] + ["logs"] * 150


def test_where_traces_go_is_asked_once_and_not_at_all_if_x_ray_has_them_all(xray, script):
    known = {"Id": trace_id(1), "Segments": spans("old_warm", 1)["Spans"]}
    asking = reader(xray)
    script.batch(known)
    assert isinstance(asking.fetch([trace_id(1)])[trace_id(1)], TraceTimes)
    script.batch()
    script.destination("XRay")
    for _ in range(2):
        (missing,) = asking.fetch([trace_id(2)]).values()
        assert isinstance(missing, Skipped)
        assert "X-Ray knows no such trace (not indexed yet" in missing.reason
        script.batch()
    asking.fetch([trace_id(2)])


def test_ids_that_x_ray_leaves_unprocessed_may_be_in_the_logs_too(xray, script):
    for _ in range(2):
        script.stub.add_response("batch_get_traces", {"Traces": [], "UnprocessedTraceIds": [trace_id(1), trace_id(2)]})
    script.destination("CloudWatchLogs")
    script.start([trace_id(1), trace_id(2)])
    script.listed("COMPLETE", spans("old_warm", 1))
    found = reader(xray).fetch([trace_id(1), trace_id(2)])
    assert isinstance(found[trace_id(1)], TraceTimes)
    assert found[trace_id(2)] == NOT_IN_LOGS


def test_a_denied_question_is_told_and_spoils_nothing_else(xray, script):
    known = {"Id": trace_id(1), "Segments": spans("old_warm", 1)["Spans"]}
    script.batch(known)
    script.stub.add_client_error("get_trace_segment_destination", "AccessDeniedException")
    script.batch()  # and the destination is not asked for again
    found = await_traces(
        xray, [trace_id(1), trace_id(2)], Waiting(attempts=1, clock=lambda: 0.0, sleep=lambda seconds: None)
    )
    assert isinstance(found[trace_id(1)], TraceTimes)
    assert found[trace_id(2)] == Skipped(
        "not complete yet: X-Ray knows no such trace, nor could Transaction Search be asked: "
        "xray:GetTraceSegmentDestination failed: AWS denied it (AccessDeniedException)",
        pending=True,
    )


@pytest.mark.parametrize("status", ["FAILED", "TIMEOUT", "CANCELLED"])
def test_a_retrieval_that_aws_ends_gives_the_reason(xray, script, status):
    script.batch()
    script.destination("CloudWatchLogs")
    script.start([trace_id(1)])
    script.listed(status)
    (missing,) = reader(xray).fetch([trace_id(1)]).values()
    assert isinstance(missing, Skipped)
    assert missing.pending
    assert missing.reason.endswith(f"xray:ListRetrievedTraces failed: AWS ended the retrieval as {status}")


def test_a_retrieval_that_takes_too_long_is_tried_again_later(xray, script):
    script.batch()
    script.destination("CloudWatchLogs")
    script.start([trace_id(1)])
    for _ in range(31):
        script.listed("RUNNING")
    script.batch()
    script.start([trace_id(1)])
    script.listed("COMPLETE", spans("new_warm", 1))
    clock = FalseClock()
    waiting = Waiting(clock=clock, sleep=clock.sleep)
    assert isinstance(await_traces(xray, [trace_id(1)], waiting)[trace_id(1)], TraceTimes)


def test_exported_documents_come_from_both_places_in_order_and_without_account_data(xray, script):
    segments = spans("old_warm", 2)["Spans"]
    document = {**json.loads(segments[0]["Document"]), "resource_arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}
    script.batch({"Id": trace_id(2), "Segments": [{"Id": "s", "Document": json.dumps(document)}]})
    script.destination("CloudWatchLogs")
    script.start([trace_id(1), trace_id(3)])
    script.listed("COMPLETE", spans("new_cold", 1))
    exported = reader(xray).export([trace_id(1), "nonsense", trace_id(2), trace_id(3)])
    assert [trace["Id"] for trace in exported] == [trace_id(1), trace_id(2)]
    assert [len(trace["Segments"]) for trace in exported] == [2, 1]
    assert "[arn]" in json.dumps(exported)
    assert ACCOUNT not in json.dumps(exported)
