"""The REPORT line in both forms: Lambda's rules, round trips, and lines that are not one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from resnet_bench.lambda_report import format_report, parse_report, parse_report_record
from resnet_bench.results.records import ReportLine

MIB = 1024 * 1024
REQUEST_ID = "8f507cfc-1a2b-4c3d-9e4f-0123456789ab"
TRACE_ID = "1-5f84c7a1-52ad8ff0c8a7e3b1d4f6a902"
COLD = (
    f"REPORT RequestId: {REQUEST_ID}\tDuration: 741.02 ms\tBilled Duration: 5984 ms\tMemory Size: 1024 MB\t"
    f"Max Memory Used: 681 MB\tInit Duration: 5242.60 ms\t\n"
    f"XRAY TraceId: {TRACE_ID}\tSegmentId: 53995c3f42cd8ad8\tSampled: true\t\n"
)
EXPECTED = ReportLine(
    request_id=REQUEST_ID,
    duration_s=pytest.approx(0.74102),
    billed_s=pytest.approx(5.984),
    memory_size_bytes=1024 * MIB,
    max_memory_used_bytes=681 * MIB,
    init_s=pytest.approx(5.2426),
    trace_id=TRACE_ID,
)


def test_a_cold_line_gives_every_figure_in_seconds_and_bytes():
    assert parse_report(COLD) == EXPECTED


def test_fields_may_come_in_any_order():
    line = (
        f"REPORT RequestId: {REQUEST_ID}\tInit Duration: 5242.60 ms\tBilled Duration: 5984 ms\t"
        f"Max Memory Used: 681 MB\tMemory Size: 1024 MB\tDuration: 741.02 ms\tXRAY TraceId: {TRACE_ID}\t"
    )
    assert parse_report(line) == EXPECTED


def test_a_warm_line_has_no_init_and_no_trace_if_it_was_not_sampled():
    report = parse_report(COLD.split("Init", maxsplit=1)[0])
    assert report is not None
    assert (report.init_s, report.trace_id, report.status, report.error_type) == (None, None, None, None)


def test_status_and_error_type_are_kept():
    report = parse_report(COLD.replace("Init Duration: 5242.60 ms", "Status: error\tError Type: Runtime.ExitError"))
    assert report is not None
    assert (report.status, report.error_type) == ("error", "Runtime.ExitError")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "START RequestId: x Version: $LATEST",
        "the handler printed: " + COLD,
        COLD[: COLD.index("Memory Size")],
        COLD[: COLD.index("681 MB") + 4],
        COLD[5:],
        COLD.replace("741.02", "NaN"),
        COLD.replace("741.02", "-1"),
        COLD.replace("741.02 ms", "741.02 hours"),
        COLD.replace("741.02 ms", "741.02 MB"),
        COLD.replace("741.02", "9" * 400),
        COLD.replace("681", "9" * 400),
        COLD.replace(REQUEST_ID, ""),
    ],
)
def test_another_line_or_a_cut_one_is_no_report(line):
    assert parse_report(line) is None


def record(**changes):
    metrics = {
        "durationMs": 741.02,
        "billedDurationMs": 5984,
        "memorySizeMB": 1024,
        "maxMemoryUsedMB": 681,
        "initDurationMs": 5242.6,
    }
    tracing = {"type": "X-Amzn-Trace-Id", "value": f"Root={TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1"}
    body = {"requestId": REQUEST_ID, "metrics": metrics, "status": "success", "tracing": tracing, **changes}
    return {"time": "2026-10-01T12:00:00.000Z", "type": "platform.report", "record": body}


def test_the_json_form_gives_the_same_record_as_the_text_form():
    assert parse_report_record(record()) == EXPECTED


def test_the_json_form_keeps_failures():
    report = parse_report_record(record(status="timeout", errorType="Sandbox.Timedout"))
    assert report is not None
    assert (report.status, report.error_type) == ("timeout", "Sandbox.Timedout")


@pytest.mark.parametrize(
    "other",
    [
        None,
        [],
        {"type": "platform.start"},
        {"type": "platform.report"},
        {"type": "platform.report", "record": []},
        record(metrics={}),
        record(metrics={**record()["record"]["metrics"], "durationMs": float("nan")}),
        record(metrics={**record()["record"]["metrics"], "durationMs": -1}),
        record(metrics={**record()["record"]["metrics"], "durationMs": "1"}),
        record(requestId=""),
    ],
)
def test_another_or_a_damaged_record_is_no_report(other):
    assert parse_report_record(other) is None


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.dictionaries(st.text(), x)))
def test_any_record_is_a_report_or_none(body):
    assert parse_report_record({"type": "platform.report", "record": body}) is None


@given(st.text())
def test_any_text_after_the_prefix_is_a_report_or_none(text):
    parse_report("REPORT RequestId: " + text)
    assert parse_report(text) is None


hundredths_of_ms = st.integers(0, 90_000_000).map(lambda n: n / 100_000)
words = st.from_regex(r"[A-Za-z][A-Za-z.]{0,20}", fullmatch=True)
reports = st.builds(
    ReportLine,
    request_id=st.uuids().map(str),
    duration_s=hundredths_of_ms,
    billed_s=st.integers(0, 900_000).map(lambda n: n / 1000),
    memory_size_bytes=st.integers(128, 10_240).map(lambda n: n * MIB),
    max_memory_used_bytes=st.integers(1, 10_240).map(lambda n: n * MIB),
    init_s=st.none() | hundredths_of_ms,
    status=st.none() | st.sampled_from(["timeout", "error"]),
    error_type=st.none() | words,
    trace_id=st.none() | st.just(TRACE_ID),
)


@given(reports, st.none() | st.just("53995c3f42cd8ad8"))
def test_a_written_report_is_read_back_unchanged(report, segment_id):
    assert parse_report(format_report(report, segment_id=segment_id)) == report


@given(reports)
def test_what_lambda_would_log_as_json_is_read_as_the_same_report(report):
    text = format_report(report)
    figures = {
        "durationMs": float(text.split("\tDuration: ")[1].split(" ms")[0]),
        "billedDurationMs": int(text.split("Billed Duration: ")[1].split(" ms")[0]),
        "memorySizeMB": report.memory_size_bytes // MIB,
        "maxMemoryUsedMB": report.max_memory_used_bytes // MIB,
    }
    if report.init_s is not None:
        figures["initDurationMs"] = float(text.split("Init Duration: ")[1].split(" ms")[0])
    changes = {
        "status": report.status or "success",
        "metrics": figures,
        "tracing": None,
        "requestId": report.request_id,
    }
    if report.trace_id:
        changes["tracing"] = {"value": f"Root={report.trace_id};Sampled=1"}
    if report.error_type:
        changes["errorType"] = report.error_type
    parsed = parse_report_record(json.loads(json.dumps(record(**changes))))
    assert parsed is not None
    assert parsed.duration_s == pytest.approx(report.duration_s)
    assert parsed.init_s == (None if report.init_s is None else pytest.approx(report.init_s))
    assert replace(parsed, duration_s=report.duration_s, init_s=report.init_s) == report


def test_used_memory_is_rounded_up_to_whole_megabytes():
    written = format_report(
        ReportLine(
            request_id="r", duration_s=1, billed_s=1, memory_size_bytes=128 * MIB, max_memory_used_bytes=35 * MIB + 1
        )
    )
    assert "Max Memory Used: 36 MB" in written
