"""A function's last calls by its log: how far back is looked, and which are taken."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from resnet_bench.aws.access.clients import client
from resnet_bench.aws.logs.recent import recent_calls
from resnet_bench.aws.logs.reports import PATTERN

NOW_S = 1_800_000_000
GROUP = "/aws/lambda/resnet-bench"
HOUR_S, DAY_S = 3600, 86_400


@pytest.fixture
def logs():
    made = client("logs", endpoint_url="http://127.0.0.1:9")
    yield made
    made.close()


def report(request_id, ago_s):
    message = (
        f"REPORT RequestId: {request_id}\tDuration: 100.00 ms\tBilled Duration: 101 ms\tMemory Size: 1024 MB\t"
        "Max Memory Used: 300 MB\t\n"
    )
    return {"message": message, "timestamp": (NOW_S - ago_s) * 1000}


def found(logs, *answers):
    """What is found if AWS answers this to each question: a window in seconds and the pages in it."""
    with Stubber(logs) as stub:
        for window_s, *pages in answers:
            asked = {"logGroupName": GROUP, "startTime": (NOW_S - window_s) * 1000, "filterPattern": PATTERN}
            for number, events in enumerate(pages):
                more = {"nextToken": f"page {number + 1}"} if number + 1 < len(pages) else {}
                before = {"nextToken": f"page {number}"} if number else {}
                stub.add_response("filter_log_events", {"events": events, **more}, {**asked, **before})
        recent = recent_calls(logs, GROUP, clock=lambda: float(NOW_S))
        stub.assert_no_pending_responses()
    return [call.report.request_id for call in recent.calls], recent.window_s


def test_the_last_five_of_all_pages_are_told_the_latest_first(logs):
    first = [report("c", 30), report("a", 50)]
    last = [report("f", 1), report("b", 40), report("e", 10), report("d", 20)]
    assert found(logs, (HOUR_S, first, [], last)) == (list("fedcb"), HOUR_S)


def test_older_calls_are_looked_for_where_the_last_hour_has_none(logs):
    assert found(logs, (HOUR_S, []), (DAY_S, [report("a", 7200)])) == (["a"], DAY_S)


def test_nothing_is_looked_for_beyond_the_14_days_that_the_log_is_kept(logs):
    assert found(logs, (HOUR_S, []), (DAY_S, []), (14 * DAY_S, [])) == ([], 14 * DAY_S)


def test_other_lines_that_the_pattern_lets_through_are_no_calls(logs):
    other = {"message": "somebody wrote REPORT RequestId", "timestamp": NOW_S * 1000}
    assert found(logs, (HOUR_S, [other, report("a", 1)])) == (["a"], HOUR_S)
