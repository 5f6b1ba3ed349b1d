"""X-Ray and CloudWatch Logs that answer late, twice, never, without end or with anything: no sample is lost."""

from __future__ import annotations

import itertools
import json
import socket
import threading
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

from bad_servers import ESCAPES
from factories import make_answer, make_sample
from golden_traces import documents, trace_id
from resnet_bench.aws.access import pages, waiting
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.access.waiting import Waiting
from resnet_bench.aws.complete import complete
from resnet_bench.errors import AwsError
from resnet_bench.lambda_report import format_report
from resnet_bench.results.records import ReportLine, Sample, Skipped, TraceTimes
from servers import Handler, answering, receive, reply, serving

TRACE, OTHER = trace_id(1), trace_id(2)
REQUEST = "8f507cfc-1a2b-4c3d-9e4f-000000000001"
REPORT = ReportLine(
    request_id=REQUEST, duration_s=0.2, billed_s=0.2, memory_size_bytes=2**30, max_memory_used_bytes=2**29
)
PENDING = Skipped("not asked for yet", pending=True)
_PATIENCE_S = 60.0
LATE = "not complete yet"
FOREIGN = "the answer is not AWS's"


def sample() -> Sample:
    answer = make_answer(side="remote")
    identity = replace(answer.identity, trace_id=TRACE, request_id=REQUEST)
    return make_sample("remote", outcome=replace(answer, identity=identity), trace=PENDING, report=PENDING)


def completed(handle: Handler, patience: Waiting | None = None, *, done: threading.Event | None = None) -> Sample:
    """One sample, for which both services answered so; ``done`` ends those that do not end by themselves."""
    patience = patience or Waiting(interval_s=0.0, attempts=1)
    with serving(handle) as url:
        xray, logs = (client(service, endpoint_url=url) for service in ("xray", "logs"))
        with closing(xray), closing(logs):
            before = sample()
            (after,) = complete([before], xray, logs, "/aws/lambda/f", waiting=patience)
            if done is not None:
                done.set()
            # What was left to itself would go on while other tests run.
            for thread in threading.enumerate():
                if thread.name.startswith("asking for"):
                    thread.join(_PATIENCE_S)
                    assert not thread.is_alive()
    assert after.outcome == before.outcome, "what was measured stays as it was"
    return after


def told(found: object) -> tuple[str, bool]:
    assert isinstance(found, Skipped), found
    assert found.reason.isprintable()
    return found.reason, found.pending


def body(document: Any, status: int = 200, **headers: str) -> Handler:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return answering(reply(content, status, content_type="application/x-amz-json-1.1", **headers))


def traces(*documents: Any, key: Any = TRACE) -> dict[str, Any]:
    return {"Traces": [{"Id": key, "Segments": [{"Id": "x", "Document": each} for each in documents]}]}


def segment(**changes: Any) -> list[str]:
    """The two of a cold call, its function's changed."""
    service, function = (json.loads(each) for each in documents("new_cold", 1))
    return [json.dumps(service), json.dumps({**function, **changes})]


GOOD = documents("new_cold", 1)
MANY = [{"id": f"{number:016x}", "name": "x", "start_time": 1.0, "end_time": 2.0} for number in range(200_000)]
# What X-Ray answers: what is kept of it, and whether it may still come.
ANSWERS: dict[str, tuple[Handler, str, bool]] = {
    "a list": (body([]), FOREIGN, True),
    "null": (body(b"null"), FOREIGN, True),
    "a text": (body("x"), FOREIGN, True),
    "nested too deeply": (body(b"[" * 100_000), FOREIGN, True),
    "nothing": (body(b""), LATE, True),
    "HTML": (body(b"<html>It works!</html>"), LATE, True),
    "traces that are a text": (body({"Traces": "abc"}), FOREIGN, True),
    "traces that are numbers": (body({"Traces": [1, 2]}), FOREIGN, True),
    "traces that are null": (body({"Traces": [None, None]}), LATE, True),
    "a trace without an id": (body({"Traces": [{"Segments": []}]}), LATE, True),
    "an id that is a list": (body(traces(*GOOD, key=[TRACE])), LATE, True),
    "another trace": (body(traces(*documents("new_cold", 2), key=OTHER)), LATE, True),
    "another trace under this id": (body(traces(*documents("new_cold", 2))), "holds a segment of another", False),
    "segments that are a number": (body({"Traces": [{"Id": TRACE, "Segments": 5}]}), FOREIGN, True),
    "a segment that is null": (body({"Traces": [{"Id": TRACE, "Segments": [None]}]}), LATE, True),
    "a document that is a number": (body(traces(5)), "unreadable X-Ray document", False),
    "a document cut off": (body(traces(GOOD[0][:-9])), "unreadable X-Ray document", False),
    "a document of escapes": (body(traces(ESCAPES)), "unreadable X-Ray document", False),
    "times that are texts": (body(traces(*segment(start_time=ESCAPES))), "unreadable X-Ray document", False),
    "an end before its start": (body(traces(*segment(end_time=1.0))), "rejected", False),
    "unprocessed ids that nobody asked for": (body({"UnprocessedTraceIds": [OTHER, 5, None]}), LATE, True),
    "the same next page": (body({"Traces": [], "NextToken": "again"}), "The same next token", True),
    "throttled": (body({"__type": "ThrottlingException"}, 400), "throttling this account", True),
    "throttled without a word": (body(b"", 429), "throttling this account", True),
    "an error within": (body(b"oops", 500), "internal error", True),
    "an error of escapes": (body({"__type": f"E{ESCAPES}", "message": f"m{ESCAPES}"}, 400), "failed: m", True),
    "an error without end": (body({"__type": "Odd", "message": "x" * 100_000}, 400), "xxx... (Odd)", True),
    "an error that is a list": (body([], 400), FOREIGN, True),
    "an error of wrong types": (body({"__type": 5, "message": [1]}, 403), FOREIGN, True),
    "another clock": (
        body({"__type": "InvalidSignatureException", "message": "Signature expired: 1 is now earlier than 2"}, 403),
        "this machine's clock differs",
        True,
    ),
    "another clock by its code": (body({"__type": "RequestTimeTooSkewed"}, 403), "this machine's clock differs", True),
    "credentials of yesterday": (body({"__type": "ExpiredTokenException"}, 403), "credentials have expired", True),
    "a redirect": (body(b"", 302, location="http://127.0.0.1:9/"), "failed", True),
    "no HTTP": (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), "failed", True),
}


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits a second or so before it repeats what failed."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("what", ANSWERS)
def test_whatever_comes_back_the_sample_keeps_its_answer_and_the_reason(what: str) -> None:
    handle, reason, pending = ANSWERS[what]
    after = completed(handle)
    kept, may_come = told(after.trace)
    assert reason in kept
    assert may_come == pending
    assert len(kept) < 600
    _, may_come = told(after.report)
    assert may_come


@pytest.mark.parametrize(
    "given",
    [
        [GOOD, GOOD],
        [GOOD[:1], GOOD],
        [[*GOOD, *GOOD]],
        [segment(subsegments=[*json.loads(GOOD[1])["subsegments"], *MANY])],
    ],
    ids=["twice", "once and a half", "each twice", "200,000 subsegments"],
)
def test_what_comes_twice_or_by_the_thousand_is_read_once(given: list[list[str]]) -> None:
    both = {"Traces": [trace for each in given for trace in traces(*each)["Traces"]]}
    found = completed(body(both)).trace
    assert isinstance(found, TraceTimes), found
    assert found.initialization_s is not None


@pytest.mark.parametrize(
    "events",
    [
        "abc",
        [None, 5],
        [None, {"message": None}, {"message": 5}, {"message": ESCAPES}],
        [{"message": "REPORT RequestId: "}, {"message": "{" * 5000}],
    ],
    ids=["a text", "numbers", "no texts", "nonsense"],
)
def test_log_events_of_any_kind_leave_the_report_to_come(events: Any) -> None:
    _, pending = told(completed(body({"events": events})).report)
    assert pending


def test_a_report_among_nonsense_is_found() -> None:
    events = [None, {"message": 5}, {"message": format_report(REPORT)}, {"message": format_report(REPORT)}]
    assert completed(body({"events": events})).report == REPORT


def without_last_page(connection: socket.socket) -> None:
    for number in itertools.count():
        receive(connection)
        connection.sendall(reply(json.dumps({"NextToken": f"{number}", "nextToken": f"{number}"}).encode()))


def test_pages_without_a_last_one_end_with_the_time_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_LIMIT_S", 0.1)
    after = completed(without_last_page)
    for found in (after.trace, after.report):
        reason, pending = told(found)
        assert "still more pages after 0.1 s" in reason
        assert pending


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    ("begin", "again"),
    [(b"", b""), (b"HTTP/1.1 200 OK\r\nx: ", b"x"), (reply(b"", length=10**6), b" ")],
    ids=["silence", "headers by the byte", "a body by the byte"],
)
def test_a_service_that_is_never_done_is_left_when_the_time_for_it_is_over(
    begin: bytes, again: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def handle(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(begin)
        while not done.wait(0.05):
            connection.sendall(again)

    monkeypatch.setattr(waiting, "_GRACE_S", 0.3)
    heard: list[AwsError] = []
    after = completed(handle, Waiting(interval_s=0.1, attempts=2, on_error=heard.append), done=done)
    for found in (after.trace, after.report):
        reason, pending = told(found)
        assert "no whole answer within 0 s" in reason
        assert pending
    assert [("collect" in error.hint, error.transient) for error in heard] == [(True, True)] * 2


def scripted(*documents: Any) -> Handler:
    """One answer for each request to X-Ray, the last for all that follow; the logs know nothing."""
    left = list(documents)

    def handle(connection: socket.socket) -> None:
        while True:
            headers, _ = receive(connection)
            about_traces = headers[":line"].startswith("POST /Traces")
            given = (left.pop(0) if len(left) > 1 else left[0]) if about_traces else {"events": []}
            status, document = given if isinstance(given, tuple) else (200, given)
            connection.sendall(reply(json.dumps(document).encode(), status))

    return handle


@pytest.mark.usefixtures("no_pauses")
def test_a_trace_that_comes_late_after_storms_and_in_halves_arrives() -> None:
    storm = (429, {"__type": "ThrottlingException"})
    script = (storm, storm, (503, {}), {"Traces": []}, traces(GOOD[0]), traces(*GOOD))
    found = completed(scripted(*script), Waiting(interval_s=0.01, attempts=50, sleep=lambda _: None)).trace
    assert isinstance(found, TraceTimes), found
