"""X-Ray and CloudWatch Logs over HTTP: botocore as shipped against moto's server, Stubber for what moto lacks."""

import base64
import json
import time

import pytest
from botocore.stub import Stubber
from msgspec.structs import replace

from factories import make_answer, make_sample
from golden_traces import documents, trace_id
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.access.waiting import Waiting
from resnet_bench.aws.complete import SAMPLED_OUT, complete
from resnet_bench.aws.logs.reports import await_reports, fetch_reports, report_from_tail
from resnet_bench.aws.traces.fetch import NOT_FOUND, await_traces, fetch
from resnet_bench.aws.traces.xray import fetch_documents
from resnet_bench.errors import AwsError
from resnet_bench.lambda_report import format_report
from resnet_bench.results.records import ReportLine, Skipped, TraceTimes

GROUP = "/aws/lambda/resnet-bench"
MIB = 1024 * 1024
NOW_MS = int(time.time() * 1000)
WINDOW = {"start_ms": NOW_MS - 3_600_000, "end_ms": NOW_MS + 3_600_000}


@pytest.fixture
def aws(moto_url):
    """X-Ray and Logs clients of an empty account."""
    xray, logs = (client(service, endpoint_url=moto_url) for service in ("xray", "logs"))
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
    yield xray, logs
    xray.close()
    logs.close()


def put(xray, name, number):
    assert not xray.put_trace_segments(TraceSegmentDocuments=documents(name, number))["UnprocessedTraceSegments"]


def report(number, **changes):
    made = ReportLine(
        request_id=f"8f507cfc-1a2b-4c3d-9e4f-{number:012d}",
        duration_s=0.2,
        billed_s=0.2,
        memory_size_bytes=1024 * MIB,
        max_memory_used_bytes=500 * MIB,
    )
    return replace(made, **changes)


def json_report(made):
    metrics = {"durationMs": 200.0, "billedDurationMs": 200, "memorySizeMB": 1024, "maxMemoryUsedMB": 500}
    return json.dumps({"type": "platform.report", "record": {"requestId": made.request_id, "metrics": metrics}})


def log(logs, *messages):
    events = [{"timestamp": NOW_MS + index, "message": message} for index, message in enumerate(messages)]
    logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=events)


def quickly(**changes):
    return Waiting(sleep=lambda seconds: None, **changes)


def test_more_traces_than_one_batch_come_back_under_their_own_ids(aws):
    xray, _ = aws
    for number in range(12):
        put(xray, "old_cold" if number % 2 else "new_warm", number)
    found = fetch(xray, [trace_id(number) for number in range(12)])
    assert list(found) == [trace_id(number) for number in range(12)]
    for number, key in enumerate(found):
        times = found[key]
        assert isinstance(times, TraceTimes)
        assert times.trace_id == key
        assert times.shape == ("old" if number % 2 else "new")
        assert (times.initialization_s is not None) == bool(number % 2)


def test_an_unknown_trace_and_one_in_progress_are_pending(aws):
    xray, _ = aws
    put(xray, "old_service_only", 1)
    found = fetch(xray, [trace_id(1), trace_id(2)])
    assert all(isinstance(value, Skipped) and value.pending for value in found.values())


def test_an_id_that_is_no_trace_id_spoils_nothing(aws):
    xray, _ = aws
    put(xray, "old_warm", 1)
    found = fetch(xray, ["nonsense", trace_id(1)])
    assert isinstance(found[trace_id(1)], TraceTimes)
    assert found["nonsense"] == Skipped("the id that the function gave is not an X-Ray trace id")


def test_a_segment_that_arrives_late_completes_its_trace(aws):
    xray, _ = aws
    service, function = documents("old_warm", 1)
    xray.put_trace_segments(TraceSegmentDocuments=[service])

    def arrive(seconds):
        xray.put_trace_segments(TraceSegmentDocuments=[function])

    found = await_traces(xray, [trace_id(1)], Waiting(sleep=arrive))
    assert isinstance(found[trace_id(1)], TraceTimes)


@pytest.fixture
def stubbed(moto_url):
    xray = client("xray", endpoint_url=moto_url)
    with Stubber(xray) as stub:
        yield xray, stub
        stub.assert_no_pending_responses()
    xray.close()


def raw(name, number, part=slice(None)):
    segments = [{"Id": "x", "Document": text} for text in documents(name, number)]
    return {"Id": trace_id(number), "Segments": segments[part]}


def test_a_trace_spread_over_pages_is_put_together(stubbed):
    xray, stub = stubbed
    ids = [trace_id(1)]
    first = {"Traces": [raw("old_warm", 1, slice(0, 1))], "NextToken": "more"}
    stub.add_response("batch_get_traces", first, {"TraceIds": ids})
    stub.add_response(
        "batch_get_traces", {"Traces": [raw("old_warm", 1, slice(1, 2))]}, {"TraceIds": ids, "NextToken": "more"}
    )
    assert isinstance(fetch(xray, ids)[trace_id(1)], TraceTimes)


def test_unprocessed_ids_are_asked_for_once_more(stubbed):
    xray, stub = stubbed
    ids = [trace_id(1), trace_id(2), trace_id(3)]
    stub.add_response(
        "batch_get_traces", {"Traces": [raw("old_warm", 1)], "UnprocessedTraceIds": ids[1:]}, {"TraceIds": ids}
    )
    again = {"Traces": [raw("old_warm", 2)], "UnprocessedTraceIds": ids[2:]}
    stub.add_response("batch_get_traces", again, {"TraceIds": ids[1:]})
    stub.add_response("get_trace_segment_destination", {"Destination": "XRay", "Status": "ACTIVE"}, {})
    found = fetch(xray, ids)
    assert isinstance(found[ids[1]], TraceTimes)
    assert found[ids[2]] == Skipped("not complete yet: X-Ray left the id unprocessed", pending=True)


def test_a_trace_that_x_ray_does_not_mention_is_not_found(stubbed):
    xray, stub = stubbed
    stub.add_response("batch_get_traces", {"Traces": []})
    stub.add_response("get_trace_segment_destination", {"Destination": "XRay", "Status": "ACTIVE"}, {})
    assert fetch(xray, [trace_id(1)]) == {trace_id(1): NOT_FOUND}


def test_a_denied_call_raises_from_fetch_and_is_a_reason_after_waiting(stubbed):
    xray, stub = stubbed
    for _ in range(2):
        stub.add_client_error(
            "batch_get_traces", "AccessDeniedException", "not authorized to perform: xray:BatchGetTraces"
        )
    with pytest.raises(AwsError, match="xray:BatchGetTraces failed: AWS denied it"):
        fetch_documents(xray, [trace_id(1)])
    found = await_traces(xray, [trace_id(1)], quickly())[trace_id(1)]
    assert found == Skipped("xray:BatchGetTraces failed: AWS denied it (AccessDeniedException)", pending=True)


def test_nobody_listening_is_a_reason_after_waiting():
    xray = client("xray", endpoint_url="http://127.0.0.1:9")
    found = await_traces(xray, [trace_id(1)], quickly(attempts=0))[trace_id(1)]
    xray.close()
    assert isinstance(found, Skipped)
    assert "could not be reached" in found.reason


def test_both_forms_of_report_are_found_by_request_id_among_other_lines(aws):
    _, logs = aws
    log(
        logs,
        "START RequestId: x",
        format_report(report(1)),
        json_report(report(2)),
        '{"type": "platform.start"}',
        "{no",
    )
    wanted = [report(number).request_id for number in (2, 3, 1)]
    found = fetch_reports(logs, GROUP, wanted, **WINDOW)
    assert found[wanted[0]] == report(2)
    assert found[wanted[2]] == report(1)
    missing = found[wanted[1]]
    assert isinstance(missing, Skipped)
    assert missing.pending


def test_reports_on_later_pages_are_found(moto_url):
    logs = client("logs", endpoint_url=moto_url)
    with Stubber(logs) as stub:
        stub.add_response("filter_log_events", {"events": [], "nextToken": "more"})
        stub.add_response("filter_log_events", {"events": [{"message": format_report(report(1))}]})
        assert fetch_reports(logs, GROUP, [report(1).request_id], **WINDOW) == {report(1).request_id: report(1)}
    logs.close()


def test_a_report_that_is_late_arrives(aws):
    _, logs = aws
    waiting = Waiting(sleep=lambda seconds: log(logs, format_report(report(1))))
    found = await_reports(logs, GROUP, [report(1).request_id], **WINDOW, waiting=waiting)
    assert found == {report(1).request_id: report(1)}


def test_a_missing_log_group_says_so(aws):
    _, logs = aws
    with pytest.raises(AwsError, match="logs:FilterLogEvents failed: the resource does not exist"):
        fetch_reports(logs, "/aws/lambda/other", ["x"], **WINDOW)


def encoded(text):
    return base64.b64encode(text.encode()[-4096:]).decode()


TRACED = report(1, trace_id=trace_id(1))


@pytest.mark.parametrize(
    ("line", "expected"), [(format_report(TRACED), TRACED), (json_report(report(1)) + "\n", report(1))]
)
def test_the_tail_of_an_invocation_holds_its_report(line, expected):
    assert report_from_tail(encoded("é" * 4000 + "\nEND RequestId: x\n" + line)) == expected


@pytest.mark.parametrize(
    "text", ["", "START RequestId: x\n", format_report(report(1))[:60], format_report(report(1))[20:]]
)
def test_a_tail_without_a_whole_report_is_pending(text):
    found = report_from_tail(encoded(text))
    assert isinstance(found, Skipped)
    assert found.pending


def test_a_tail_that_is_not_base64_is_skipped():
    assert report_from_tail("***") == Skipped("the log tail is not base64")
    assert report_from_tail("é") == Skipped("the log tail is not base64")


def test_a_whole_run_is_completed_over_http(aws):
    xray, logs = aws
    pending = Skipped("not asked for yet", pending=True)
    samples = []
    for number in range(7):
        answer = make_answer(side="remote")
        identity = replace(
            answer.identity, trace_id=trace_id(number), request_id=report(number).request_id, sampled=number != 3
        )
        answer = replace(answer, identity=identity)
        samples.append(make_sample("remote", pair=number, outcome=answer, trace=pending, report=pending))
        put(xray, "old_warm", number)
    started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW_MS / 1000))
    samples = [replace(sample, started_at=started_at) for sample in samples]
    log(logs, *(format_report(report(number)) for number in range(6)))
    done = complete(samples, xray, logs, GROUP, waiting=quickly(attempts=1))
    traces = [sample.trace for sample in done]
    assert traces[3] == SAMPLED_OUT
    assert [t.trace_id for t in traces if isinstance(t, TraceTimes)] == [trace_id(n) for n in range(7) if n != 3]
    assert [sample.report for sample in done[:6]] == [report(number) for number in range(6)]
    last = done[6].report
    assert isinstance(last, Skipped)
    assert last.pending
