"""The AWS calls of the emulated Lambda, made with boto clients and read by the project's own readers."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated import PATIENCE_S, ask, call, emulate, report_of, reports, wait_until
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.logs.reports import fetch_reports, report_from_tail
from resnet_bench.aws.traces.fetch import fetch
from resnet_bench.aws.traces.xray import fetch_documents
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.lambda_report import parse_report
from resnet_bench.results.records import ReportLine, Skipped, TraceTimes
from resnet_bench.trace_header import parse_header

FOREVER_MS = 2**52
ROUNDING_S = 2e-3  # of the service segment's two ends


@pytest.fixture(scope="module")
def probe() -> Iterator[EmulatedLambda]:
    with emulate(concurrency=1) as emulated:
        yield emulated


@pytest.fixture(scope="module")
def functions(probe: EmulatedLambda) -> Any:
    return client("lambda", endpoint_url=probe.aws_url)


@pytest.fixture(scope="module")
def xray(probe: EmulatedLambda) -> Any:
    return client("xray", endpoint_url=probe.aws_url)


@pytest.fixture(scope="module")
def logs(probe: EmulatedLambda) -> Any:
    return client("logs", endpoint_url=probe.aws_url)


def invoke(functions: Any, order: Any, **options: Any) -> Any:
    return functions.invoke(FunctionName="resnet-bench", Payload=json.dumps(order), **options)


def traced(probe: EmulatedLambda) -> tuple[str, dict[str, Any]]:
    """The trace id of a request that was sampled, and its environment's answer."""
    for _ in range(50):
        seen = ask(probe, "environment")
        header = parse_header(seen["variables"]["_X_AMZN_TRACE_ID"])
        if header.sampled:
            assert header.trace_id is not None
            return header.trace_id, seen
        time.sleep(0.2)
    raise AssertionError("nothing was sampled in 10 s")


# --- Invoke -------------------------------------------------------------------------------------------------------


def test_invoke_gives_the_functions_answer(functions: Any) -> None:
    done = invoke(functions, {"do": "answer", "reply": {"a": 1}})
    assert done["StatusCode"] == 200
    assert json.loads(done["Payload"].read()) == {"a": 1}
    assert "FunctionError" not in done
    assert "LogResult" not in done
    assert done["ExecutedVersion"] == "$LATEST"


def test_the_tail_ends_with_this_invocations_report(functions: Any, probe: EmulatedLambda) -> None:
    done = invoke(functions, {"do": "say", "lines": ["here I am"]}, LogType="Tail")
    report = report_from_tail(done["LogResult"])
    assert isinstance(report, ReportLine)
    assert report.request_id == done["ResponseMetadata"]["RequestId"]
    assert report in reports(probe)
    assert "here I am" in base64.b64decode(done["LogResult"]).decode()


def test_the_tail_is_four_kilobytes(functions: Any) -> None:
    done = invoke(functions, {"do": "say", "lines": [f"{number:099d}" for number in range(200)]}, LogType="Tail")
    tail = base64.b64decode(done["LogResult"])
    assert len(tail) == 4096
    assert isinstance(report_from_tail(done["LogResult"]), ReportLine)


def test_the_tail_holds_nothing_of_earlier_invocations(functions: Any) -> None:
    invoke(functions, {"do": "say", "lines": ["earlier"]})
    tail = invoke(functions, {"do": "say", "lines": ["later"]}, LogType="Tail")["LogResult"]
    assert "earlier" not in base64.b64decode(tail).decode()


def test_an_event_invocation_answers_at_once_and_runs(functions: Any, probe: EmulatedLambda) -> None:
    before = ask(probe, "who")["count"]
    done = invoke(functions, {"do": "sleep", "for_s": 0.5}, InvocationType="Event")
    assert done["StatusCode"] == 202
    assert done["Payload"].read() == b""
    wait_until(lambda: call(probe, "who").status_code == 200, "the environment to be free")
    assert ask(probe, "who")["count"] >= before + 3


def test_a_dry_run_runs_nothing(functions: Any, probe: EmulatedLambda) -> None:
    before = ask(probe, "who")["count"]
    assert invoke(functions, {"do": "who"}, InvocationType="DryRun")["StatusCode"] == 204
    assert ask(probe, "who")["count"] == before + 1


def test_an_unknown_function_is_not_found(functions: Any) -> None:
    with pytest.raises(ClientError) as caught:
        functions.invoke(FunctionName="another", Payload=b"{}")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert caught.value.response["Error"]["Message"].startswith("Function not found: arn:aws:lambda:us-east-1:")


def test_the_function_answers_to_its_arn(functions: Any, probe: EmulatedLambda) -> None:
    done = functions.invoke(FunctionName=probe.function.arn, Payload=b'{"do": "who"}')
    assert done["StatusCode"] == 200


def test_a_payload_that_is_not_json_is_refused(functions: Any) -> None:
    with pytest.raises(ClientError) as caught:
        functions.invoke(FunctionName="resnet-bench", Payload=b"{")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_a_payload_over_six_megabytes_is_refused(functions: Any) -> None:
    with pytest.raises(ClientError) as caught:
        invoke(functions, {"do": "who", "padding": "x" * 6_300_000})
    assert caught.value.response["Error"]["Code"] == "RequestTooLargeException"


def test_one_invocation_too_many_is_throttled(functions: Any, probe: EmulatedLambda, tmp_path: Path) -> None:
    gate, arrived = tmp_path / "gate", tmp_path / "arrived"
    arrived.mkdir()
    ask(probe, "who")
    order = {"do": "wait_for", "path": str(gate), "arrived": str(arrived)}
    invoke(functions, order, InvocationType="Event")
    wait_until(lambda: any(arrived.iterdir()), "the event in the function")
    with pytest.raises(ClientError) as caught:
        invoke(functions, {"do": "who"})
    gate.touch()
    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    wait_until(lambda: call(probe, "who").status_code == 200, "the environment to be free")


# --- X-Ray --------------------------------------------------------------------------------------------------------


def test_a_cold_start_is_traced_with_its_initialisation(probe: EmulatedLambda, xray: Any) -> None:
    probe.force_cold()
    time.sleep(1.1)  # the first request of a second is sampled
    trace_id, seen = traced(probe)
    report = report_of(probe, seen["request_id"])
    trace = fetch(xray, [trace_id])[trace_id]
    assert isinstance(trace, TraceTimes)
    assert trace.trace_id == trace_id == report.trace_id
    assert trace.http_status == 200
    assert report.init_s is not None
    assert trace.initialization_s == pytest.approx(report.init_s, abs=1e-4)
    assert trace.invocation_s <= report.duration_s + 1e-4
    assert trace.total_s + ROUNDING_S >= trace.initialization_s + trace.invocation_s
    assert trace.provisioning_s is not None
    assert trace.provisioning_s >= 0
    documents, _ = fetch_documents(xray, [trace_id])
    assert seen["request_id"] in json.dumps(documents)


def test_a_warm_call_is_traced_without_an_initialisation(probe: EmulatedLambda, xray: Any) -> None:
    ask(probe, "who")
    time.sleep(1.1)
    trace_id, _ = traced(probe)
    wait_until(lambda: isinstance(fetch(xray, [trace_id])[trace_id], TraceTimes), "the trace")
    trace = fetch(xray, [trace_id])[trace_id]
    assert isinstance(trace, TraceTimes)
    assert trace.initialization_s is None
    assert 0 < trace.invocation_s <= trace.total_s + ROUNDING_S


def test_an_unknown_trace_is_still_to_come(xray: Any) -> None:
    unknown = "1-00000000-" + "0" * 24
    answer = fetch(xray, [unknown])[unknown]
    assert isinstance(answer, Skipped)
    assert answer.pending


def test_more_than_five_traces_are_asked_for_in_batches(xray: Any) -> None:
    wanted = [f"1-00000000-{number:024d}" for number in range(12)]
    assert set(fetch(xray, wanted)) == set(wanted)
    with pytest.raises(ClientError) as caught:
        xray.batch_get_traces(TraceIds=wanted)
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"


def test_a_callers_own_sampled_trace_is_continued(functions: Any, probe: EmulatedLambda, xray: Any) -> None:
    root = f"1-{int(time.time()):08x}-{'ab' * 12}"
    header = f"Root={root};Parent=53995c3f42cd8ad8;Sampled=1"

    def send_with_header(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = header

    functions.meta.events.register("before-send.lambda.Invoke", send_with_header)
    try:
        done = invoke(functions, {"do": "environment"}, LogType="Tail")
    finally:
        functions.meta.events.unregister("before-send.lambda.Invoke", send_with_header)
    seen = parse_header(json.loads(done["Payload"].read())["variables"]["_X_AMZN_TRACE_ID"])
    assert (seen.trace_id, seen.sampled) == (root, True)
    assert isinstance(fetch(xray, [root])[root], TraceTimes)


# --- logs ---------------------------------------------------------------------------------------------------------


def test_reports_are_found_by_request_id(functions: Any, logs: Any, probe: EmulatedLambda) -> None:
    ids = []
    for _ in range(3):
        done = invoke(functions, {"do": "who"}, LogType="Tail")
        ids.append(done["ResponseMetadata"]["RequestId"])
    found = fetch_reports(logs, probe.log_group, [*ids, "unknown"], start_ms=0, end_ms=FOREVER_MS)
    assert [found[key] for key in ids] == [report for report in reports(probe) if report.request_id in ids]
    assert isinstance(found["unknown"], Skipped)


def test_events_come_in_pages_and_within_their_time(logs: Any, probe: EmulatedLambda) -> None:
    ask(probe, "say", lines=["one", "two"])
    report_of(probe, ask(probe, "who")["request_id"])
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=probe.log_group, limit=2))
    events = [event for page in pages for event in page["events"]]
    assert len(pages) > 1
    assert all(len(page["events"]) <= 2 for page in pages)
    assert len({event["eventId"] for event in events}) == len(events)
    messages = [event["message"].rstrip("\n") for event in events]
    assert messages[messages.index("one") + 1] == "two"
    assert logs.filter_log_events(logGroupName=probe.log_group, startTime=FOREVER_MS)["events"] == []


def test_a_filter_pattern_selects(logs: Any, probe: EmulatedLambda) -> None:
    ask(probe, "say", lines=["red apple", "green apple", "red pear"])
    wait_until(lambda: any("red pear" in line for line in probe.log_lines()), "the lines", PATIENCE_S)

    def found(pattern: str) -> set[str]:
        events = logs.filter_log_events(logGroupName=probe.log_group, filterPattern=pattern)["events"]
        return {event["message"].strip() for event in events}

    assert found("red apple") == {"red apple"}
    assert found('"green apple"') == {"green apple"}
    assert found("?green ?pear") == {"green apple", "red pear"}


def test_an_unknown_log_group_is_not_found(logs: Any) -> None:
    with pytest.raises(ClientError) as caught:
        logs.filter_log_events(logGroupName="/aws/lambda/another")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_traced_report_line_names_the_functions_segment(probe: EmulatedLambda, xray: Any) -> None:
    time.sleep(1.1)
    trace_id, seen = traced(probe)
    report_of(probe, seen["request_id"])
    documents, _ = fetch_documents(xray, [trace_id])
    segments = [json.loads(wrapper["Document"]) for wrapper in documents[trace_id]["Segments"]]
    (segment_id,) = [segment["id"] for segment in segments if segment["origin"] == "AWS::Lambda::Function"]
    assert any(f"XRAY TraceId: {trace_id}\tSegmentId: {segment_id}\t" in line for line in probe.log_lines())


def test_every_report_line_can_be_read_again(probe: EmulatedLambda) -> None:
    lines = [line for line in probe.log_lines() if line.startswith("REPORT ")]
    assert lines
    assert all(parse_report(line) is not None for line in lines)
